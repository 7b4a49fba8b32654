/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/node_private.h"

#include <glib/gi18n-lib.h>

#include "net/async/worker.h"

G_STATIC_ASSERT (CLIENT_TEXT_MAX == MESSAGE_TEXT_MAX);

static bool
write_entry (gpointer entry, GError **error)
{
  return mailbox_entry_write (entry, error);
}

static bool
erase_entry (gpointer entry, GError **error)
{
  return mailbox_entry_erase (entry, error);
}

static DexFuture *
erase_fiber (gpointer entry)
{
  GError *error = NULL;
  if (!flow_await_regardless (worker_start ("inbox", erase_entry, entry), &error))
    return dex_future_new_for_error (error);
  return dex_future_new_true ();
}

static void
drop (WherryNode *self, MailboxEntry *entry)
{
  MailboxEntry *kept = mailbox_entry_ref (entry);
  mailbox_drop (self->inbox, entry);
  dex_future_disown (flow_set_start (self->flows, "erase text", erase_fiber, kept,
                                     (GDestroyNotify) mailbox_entry_unref));
}

/* For good: in the inbox, where it waits until somebody has seen it. */
static bool
take_cb (SecureConnection *peer, const Message *message, gpointer user_data, GError **error)
{
  WherryNode *self = user_data;
  const NodeId from = *quic_connection_get_peer (peer->connection);
  const MailboxEntry *found = mailbox_find (self->inbox, &from, &message->id);
  if (found && !found->stored)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING, "the text is still being written");
  if (found)
    return found->stored;
  g_autoptr (GString) json = g_string_new (NULL);
  if (!message_encode (message, json, error))
    return false;
  MailboxEntry *added = mailbox_add (self->inbox, &from, &message->id,
                                     g_string_free_to_bytes (g_steal_pointer (&json)), error);
  if (!added)
    return false;
  g_autoptr (MailboxEntry) entry = mailbox_entry_ref (added);
  entry->stored = flow_await_regardless (worker_start ("inbox", write_entry, entry), error);
  if (entry->stored)
    return true;
  mailbox_drop (self->inbox, entry);
  return false;
}

static void
show (WherryNode *self, const MailboxEntry *entry, const char *text)
{
  WherryDevice *device = wherry_device_registry_lookup (self->registry, &entry->device);
  g_autofree char *id = g_path_get_basename (entry->file);
  g_autoptr (WherryReceivedText) received = received_text_new (id, device, text);
  g_list_store_append (self->texts, received);
}

static void
taken_cb (const NodeId *from, const Message *message, gpointer user_data)
{
  WherryNode *self = user_data;
  const MailboxEntry *entry = mailbox_find (self->inbox, from, &message->id);
  if (entry && wherry_device_registry_get_root (self->registry, from))
    show (self, entry, message->text);
}

/* What an earlier run did not show. It may have ended before it told the sender. */
static void
show_kept (WherryNode *self, MailboxEntry *entry)
{
  g_auto (Message) message = { 0 };
  size_t len;
  const uint8_t *json = g_bytes_get_data (entry->json, &len);
  if (wherry_device_registry_get_root (self->registry, &entry->device) &&
      message_parse (&message, json, len, NULL) && message.type == MESSAGE_TEXT_SHARE)
    {
      messages_took (self->messages, &entry->device, &entry->id);
      show (self, entry, message.text);
    }
  else
    drop (self, entry);
}

void
node_handle_texts (WherryNode *self)
{
  messages_handle (self->messages, &(MessageHandler) { .type = MESSAGE_TEXT_SHARE,
                                                       .take = take_cb,
                                                       .taken = taken_cb,
                                                       .user_data = self });
  g_autoptr (GPtrArray) kept =
      g_ptr_array_copy (mailbox_list (self->inbox), (GCopyFunc) mailbox_entry_ref, NULL);
  g_ptr_array_set_free_func (kept, (GDestroyNotify) mailbox_entry_unref);
  for (guint i = 0; i < kept->len; i++)
    show_kept (self, kept->pdata[i]);
}

void
node_dismiss_text (WherryNode *self, WherryReceivedText *text)
{
  guint at;
  g_autoptr (WherryReceivedText) kept = g_object_ref (text);
  if (!g_list_store_find (self->texts, text, &at))
    return;
  g_list_store_remove (self->texts, at);
  GPtrArray *entries = mailbox_list (self->inbox);
  for (guint i = 0; i < entries->len; i++)
    {
      MailboxEntry *entry = entries->pdata[i];
      if (g_str_has_suffix (entry->file, wherry_received_text_get_id (kept)))
        {
          drop (self, entry);
          return;
        }
    }
}

static GError *
invalid (const char *sentence)
{
  return g_error_new_literal (CLIENT_ERROR, CLIENT_ERROR_INVALID, sentence);
}

/* NULL when @text can be sent to @device. */
static GError *
find_fault (WherryDevice *device, const char *text)
{
  g_autofree char *sentence = NULL;
  if (!wherry_device_get_paired (device))
    {
      sentence = g_strdup_printf (_ ("%s is not paired with this device. Pair the two first."),
                                  wherry_device_get_name (device));
      return g_error_new_literal (CLIENT_ERROR, CLIENT_ERROR_NOT_PAIRED, sentence);
    }
  if (!*text)
    return invalid (_ ("There is nothing to send."));
  if (!g_utf8_validate (text, -1, NULL))
    return invalid (_ ("The text is not valid UTF-8. Send it as a file."));
  if (strlen (text) <= MESSAGE_TEXT_MAX)
    return NULL;
  sentence = g_strdup_printf (_ ("The text is longer than %d KiB. Send it as a file."),
                              MESSAGE_TEXT_MAX / 1024);
  return invalid (sentence);
}

static DexFuture *
explain_cb (DexFuture *future, gpointer user_data)
{
  WherryDevice *device = user_data;
  g_autoptr (GError) error = NULL;
  dex_future_get_value (future, &error);
  if (flow_was_cancelled (error) || flow_timed_out (error))
    return dex_ref (future);
  if (error->domain == QUIC_ERROR)
    return dex_future_new_for_error (
        g_error_new_literal (CLIENT_ERROR, CLIENT_ERROR_OFFLINE, error->message));
  if (error->domain == MAILBOX_ERROR)
    return dex_future_new_for_error (
        g_error_new (CLIENT_ERROR, CLIENT_ERROR_INVALID,
                     _ ("Too many texts wait for %s already. They are sent when it is there."),
                     wherry_device_get_name (device)));
  g_info ("%s", error->message);
  return dex_future_new_for_error (g_error_new (
      CLIENT_ERROR, CLIENT_ERROR_STORAGE,
      _ ("The text cannot be kept until it is sent. Free some space or mend the permissions of "
         "Wherry’s data folder, then try again.")));
}

DexFuture *
node_share_text (WherryNode *self, WherryDevice *device, const char *text, GPtrArray *addresses)
{
  GError *fault = find_fault (device, text);
  if (fault)
    return dex_future_new_for_error (fault);
  g_auto (Message) message = { 0 };
  message_init (&message, MESSAGE_TEXT_SHARE);
  message.text = g_strdup (text);
  return dex_future_catch (
      messages_send (self->messages, wherry_device_get_node_id (device), &message, addresses),
      explain_cb, g_object_ref (device), g_object_unref);
}
