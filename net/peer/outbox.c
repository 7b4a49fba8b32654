/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "net/async/quic_future.h"
#include "net/async/worker.h"
#include "net/peer/message_stream.h"
#include "net/peer/messages_private.h"

/* Brings a device what waits for it, one message after the other, as long as there is any. */
typedef struct
{
  Messages *messages;
  NodeId id;
  GPtrArray *first; /* (owned) (nullable) (element-type GInetSocketAddress) */
  DexPromise *wake; /* (owned) resolves when it is worth another try */
} Courier;

static void
courier_free (gpointer data)
{
  Courier *courier = data;
  /* It may have been cancelled. */
  if (g_hash_table_lookup (courier->messages->couriers, &courier->id) == courier)
    g_hash_table_remove (courier->messages->couriers, &courier->id);
  g_clear_pointer (&courier->first, g_ptr_array_unref);
  dex_clear (&courier->wake);
  g_free (courier);
}

static bool
erase (gpointer entry, GError **error)
{
  return mailbox_entry_erase (entry, error);
}

static DexFuture *
erase_fiber (gpointer entry)
{
  GError *error = NULL;
  if (!flow_await_regardless (worker_start ("outbox", erase, entry), &error))
    return dex_future_new_for_error (error);
  return dex_future_new_true ();
}

/* @entry waits no longer: it was acknowledged, or @error (transfer full) says why not. */
static void
settle (Messages *self, MailboxEntry *entry, GError *error)
{
  MailboxEntry *kept = mailbox_entry_ref (entry);
  DexPromise *promise = g_hash_table_lookup (self->promises, &kept->id);
  if (promise && error)
    dex_promise_reject (promise, g_steal_pointer (&error));
  else if (promise)
    dex_promise_resolve_boolean (promise, TRUE);
  g_clear_error (&error);
  g_hash_table_remove (self->promises, &kept->id);
  mailbox_drop (self->outbox, kept);
  dex_future_disown (flow_set_start (self->flows, "erase", erase_fiber, kept,
                                     (GDestroyNotify) mailbox_entry_unref));
}

static GError *
given_up_error (Messages *self, const NodeId *id)
{
  WherryDevice *device = wherry_device_registry_lookup (self->registry, id);
  return g_error_new (QUIC_ERROR, QUIC_ERROR_UNREACHABLE,
                      _ ("%s did not take the message. Try again later."),
                      device ? wherry_device_get_name (device) : _ ("The other device"));
}

/* What is next; NULL when nothing is left. */
static MailboxEntry *
next_entry (Courier *courier)
{
  Messages *self = courier->messages;
  for (;;)
    {
      MailboxEntry *entry = mailbox_first (self->outbox, &courier->id);
      if (!entry || g_get_real_time () - entry->at_us < MESSAGES_EXPIRY_S * G_USEC_PER_SEC)
        return entry;
      settle (self, entry, given_up_error (self, &courier->id));
    }
}

/* One try: true when it was acknowledged. */
static bool
deliver (Courier *courier, const MailboxEntry *entry, GError **error)
{
  Messages *self = courier->messages;
  g_auto (Message) message = { 0 };
  size_t len;
  const uint8_t *json = g_bytes_get_data (entry->json, &len);
  g_autoptr (SecureConnection) peer = flow_await_boxed (
      pool_share (self->pool, &courier->id, MESSAGES_ALPN, courier->first), error);
  if (!peer || !message_parse (&message, json, len, error))
    return false;
  /* That this connection was made is no reason to try again after it has failed. */
  if (!dex_future_is_pending (DEX_FUTURE (courier->wake)))
    {
      dex_clear (&courier->wake);
      courier->wake = dex_promise_new ();
    }
  ExpectedAnswer expected;
  expected_answer_begin (self, &expected, &courier->id, &message.id, MESSAGE_ACK);
  bool acknowledged =
      message_stream_send (peer, &message, false, error) &&
      flow_await (flow_within (dex_future_first (dex_ref (expected.promise),
                                                 quic_future_closed (peer->connection), NULL),
                               MESSAGES_PONG_S),
                  error);
  expected_answer_end (self, &expected);
  return acknowledged;
}

/* Waits before the next try; false when it shall end. Jitter keeps two devices that lost each other
 * from trying in step. */
static bool
wait_to_retry (Courier *courier, int64_t *wait_ms)
{
  g_autoptr (GError) error = NULL;
  int64_t jitter_ms = g_random_int_range (0, (gint32) *wait_ms / 4);
  bool woken =
      flow_await (flow_within_ms (dex_ref (courier->wake), (int) (*wait_ms + jitter_ms)), &error);
  if (!woken && !flow_timed_out (error))
    return false;
  *wait_ms = woken ? MESSAGES_FIRST_WAIT_MS : MIN (*wait_ms * 2, MESSAGES_LAST_WAIT_MS);
  return true;
}

static DexFuture *
courier_fiber (gpointer user_data)
{
  Courier *courier = user_data;
  int64_t wait_ms = MESSAGES_FIRST_WAIT_MS;
  for (MailboxEntry *next = next_entry (courier); next; next = next_entry (courier))
    {
      g_autoptr (MailboxEntry) entry = mailbox_entry_ref (next);
      g_autoptr (GError) error = NULL;
      dex_clear (&courier->wake);
      courier->wake = dex_promise_new ();
      bool delivered = entry->stored && deliver (courier, entry, &error);
      /* It may have been given up meanwhile. */
      bool waits = mailbox_find (courier->messages->outbox, &entry->device, &entry->id);
      if (delivered && waits)
        settle (courier->messages, entry, NULL);
      if (delivered)
        wait_ms = MESSAGES_FIRST_WAIT_MS;
      else if (flow_was_cancelled (error) || !wait_to_retry (courier, &wait_ms))
        return dex_future_new_for_error (
            error ? g_steal_pointer (&error)
                  : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled"));
    }
  /* Whoever has another message from now on starts another. */
  g_hash_table_remove (courier->messages->couriers, &courier->id);
  return dex_future_new_true ();
}

void
messages_wake (Messages *self, const NodeId *id)
{
  Courier *courier = g_hash_table_lookup (self->couriers, id);
  if (courier && dex_future_is_pending (DEX_FUTURE (courier->wake)))
    dex_promise_resolve_boolean (courier->wake, TRUE);
}

static void
start_courier (Messages *self, const NodeId *id, GPtrArray *first)
{
  Courier *courier = g_hash_table_lookup (self->couriers, id);
  bool runs = courier;
  if (!runs)
    {
      courier = g_new (Courier, 1);
      *courier = (Courier) { .messages = self, .id = *id, .wake = dex_promise_new () };
      g_hash_table_insert (self->couriers, &courier->id, courier);
    }
  if (first)
    {
      g_clear_pointer (&courier->first, g_ptr_array_unref);
      courier->first = g_ptr_array_ref (first);
    }
  if (runs)
    messages_wake (self, id);
  else
    dex_future_disown (
        flow_set_start (self->flows, "courier", courier_fiber, courier, courier_free));
}

/* A message on its way to the disk. */
typedef struct
{
  Messages *messages;
  MailboxEntry *entry; /* (owned) */
  GPtrArray *first;    /* (owned) (nullable) */
} Posting;

static void
posting_free (gpointer data)
{
  Posting *posting = data;
  mailbox_entry_unref (posting->entry);
  g_clear_pointer (&posting->first, g_ptr_array_unref);
  g_free (posting);
}

static bool
write_entry (gpointer entry, GError **error)
{
  return mailbox_entry_write (entry, error);
}

static DexFuture *
post_fiber (gpointer user_data)
{
  Posting *posting = user_data;
  Messages *self = posting->messages;
  MailboxEntry *entry = posting->entry;
  g_autoptr (GError) error = NULL;
  bool written = flow_await_regardless (worker_start ("outbox", write_entry, entry), &error);
  bool waits = mailbox_find (self->outbox, &entry->device, &entry->id);
  entry->stored = written;
  if (written && waits)
    start_courier (self, &entry->device, posting->first);
  else if (waits)
    settle (self, entry, g_error_copy (error));
  else /* the device was forgotten meanwhile */
    flow_await_regardless (worker_start ("outbox", erase, entry), NULL);
  return dex_future_new_true ();
}

DexFuture *
messages_send (Messages *self, const NodeId *id, const Message *message, GPtrArray *first)
{
  g_return_val_if_fail (message_type_is_critical (message->type), NULL);
  g_autoptr (GString) json = g_string_new (NULL);
  GError *error = NULL;
  if (!message_encode (message, json, &error))
    return dex_future_new_for_error (error);
  MailboxEntry *entry = mailbox_add (self->outbox, id, &message->id,
                                     g_string_free_to_bytes (g_steal_pointer (&json)), &error);
  if (!entry)
    return dex_future_new_for_error (error);
  DexPromise *promise = dex_promise_new ();
  g_hash_table_insert (self->promises, &entry->id, promise);
  Posting *posting = g_new (Posting, 1);
  *posting = (Posting) { self, mailbox_entry_ref (entry), first ? g_ptr_array_ref (first) : NULL };
  DexFuture *acknowledged = dex_ref (DEX_FUTURE (promise));
  dex_future_disown (flow_set_start (self->flows, "post", post_fiber, posting, posting_free));
  return acknowledged;
}

void
outbox_forget (Messages *self, const NodeId *id)
{
  for (MailboxEntry *entry = mailbox_first (self->outbox, id); entry;
       entry = mailbox_first (self->outbox, id))
    settle (self, entry, given_up_error (self, id));
  messages_wake (self, id);
}

void
outbox_install (Messages *self)
{
  self->couriers = g_hash_table_new (node_id_hash, node_id_equal_cb);
  self->promises = g_hash_table_new_full (message_id_hash, message_id_equal_cb, NULL, dex_unref);
  messages_handle (self, &(MessageHandler) {
                             .type = MESSAGE_ACK, .take = message_answered_cb, .user_data = self });
  g_autoptr (GPtrArray) waiting =
      g_ptr_array_copy (mailbox_list (self->outbox), (GCopyFunc) mailbox_entry_ref, NULL);
  g_ptr_array_set_free_func (waiting, (GDestroyNotify) mailbox_entry_unref);
  for (guint i = 0; i < waiting->len; i++)
    {
      MailboxEntry *entry = waiting->pdata[i];
      if (!wherry_device_registry_get_root (self->registry, &entry->device))
        outbox_forget (self, &entry->device);
      else if (!g_hash_table_contains (self->couriers, &entry->device))
        start_courier (self, &entry->device, NULL);
    }
}

static void
cancel_cb (gpointer id, gpointer promise, gpointer user_data)
{
  dex_promise_reject (promise,
                      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "the program ends"));
}

void
outbox_free (Messages *self)
{
  g_hash_table_foreach (self->promises, cancel_cb, NULL);
  g_hash_table_unref (self->couriers);
  g_hash_table_unref (self->promises);
}
