/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way into the net thread: whoever has news for it posts a Mail embedded in his own object.
 *
 * A mail that is still waiting is not queued twice, so a thousand sends between two turns cost one
 * wake-up. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct Mailbox Mailbox;
typedef struct Mail Mail;

struct Mail
{
  void (*deliver) (Mail *mail,
                   gpointer reader); /* on the net thread, with the reader of mailbox_deliver() */
  Mail *next;                        /* the mailbox's */
  bool waiting;                      /* the mailbox's */
};

typedef void (*MailboxWake) (gpointer data);

Mailbox *mailbox_new (void);
Mailbox *mailbox_ref (Mailbox *mailbox);
void mailbox_unref (Mailbox *mailbox);

/** @wake is called, on any thread, when mail arrived for a reader that sleeps; NULL for a reader
 * that polls. */
void mailbox_set_wake (Mailbox *mailbox, MailboxWake wake, gpointer data);

typedef enum
{
  MAIL_URGENT, /* wakes the reader */
  MAIL_LAZY,   /* read with whatever wakes the reader next */
} MailUrgency;

/** Returns whether the mail was queued: false when it already waits or the mailbox is closed. The
 * caller puts what deliver() will need (a reference) into the mail's object beforehand and takes it
 * back on false. Any thread. */
bool mailbox_post (Mailbox *mailbox, Mail *mail, MailUrgency urgency);

bool mailbox_has_mail (Mailbox *mailbox);

/** Delivers what waits, in order, without the lock. Mail posted meanwhile waits for the next
 * turn. */
void mailbox_deliver (Mailbox *mailbox, gpointer reader);

/** Delivers the rest and refuses everything later. */
void mailbox_close (Mailbox *mailbox, gpointer reader);

G_END_DECLS
