/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/mailbox.h"

struct Mailbox
{
  gatomicrefcount refs;
  GMutex lock;
  Mail *first;
  Mail **last;
  bool woken; /* the reader knows and has not looked yet */
  bool closed;
  MailboxWake wake;
  gpointer wake_data;
};

Mailbox *
mailbox_new (void)
{
  Mailbox *self = g_new0 (Mailbox, 1);
  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->last = &self->first;
  return self;
}

Mailbox *
mailbox_ref (Mailbox *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mailbox_unref (Mailbox *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
mailbox_set_wake (Mailbox *self, MailboxWake wake, gpointer data)
{
  g_mutex_lock (&self->lock);
  self->wake = wake;
  self->wake_data = data;
  g_mutex_unlock (&self->lock);
}

bool
mailbox_post (Mailbox *self, Mail *mail, MailUrgency urgency)
{
  bool queued = false;
  g_mutex_lock (&self->lock);
  if (!self->closed && !mail->waiting)
    {
      *self->last = mail;
      self->last = &mail->next;
      mail->next = NULL;
      mail->waiting = true;
      queued = true;
    }
  /* woken under the lock, so that the reader cannot go away between the test and the call */
  if (!self->closed && urgency == MAIL_URGENT && !self->woken)
    {
      self->woken = true;
      if (self->wake)
        self->wake (self->wake_data);
    }
  g_mutex_unlock (&self->lock);
  return queued;
}

bool
mailbox_has_mail (Mailbox *self)
{
  g_mutex_lock (&self->lock);
  bool has = self->woken;
  g_mutex_unlock (&self->lock);
  return has;
}

void
mailbox_deliver (Mailbox *self, gpointer reader)
{
  g_mutex_lock (&self->lock);
  Mail *mail = self->first;
  self->first = NULL;
  self->last = &self->first;
  self->woken = false;
  g_mutex_unlock (&self->lock);

  while (mail)
    {
      /* from here on the mail may be posted again, which overwrites next */
      g_mutex_lock (&self->lock);
      Mail *next = mail->next;
      mail->waiting = false;
      g_mutex_unlock (&self->lock);
      mail->deliver (mail, reader);
      mail = next;
    }
}

void
mailbox_close (Mailbox *self, gpointer reader)
{
  mailbox_deliver (self, reader);
  g_mutex_lock (&self->lock);
  self->closed = true;
  self->wake = NULL;
  g_mutex_unlock (&self->lock);
  mailbox_deliver (self, reader);
}
