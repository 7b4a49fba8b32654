/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "net/store/private_file.h"

/* NODE-TIME-ID in hexadecimal digits: sorted by name, the files of a device are in order. */
#define TIME_DIGITS 16
#define NODE_DIGITS (2 * NODE_ID_LEN)
#define ID_DIGITS   (2 * MESSAGE_ID_LEN)
#define NAME_LEN    (NODE_DIGITS + 1 + TIME_DIGITS + 1 + ID_DIGITS)

G_DEFINE_QUARK (wherry-mailbox-error-quark, mailbox_error)

struct Mailbox
{
  const DataDir *dir;
  char *folder;       /* (owned) */
  GPtrArray *entries; /* (owned) (element-type MailboxEntry) */
};

static void
entry_clear (gpointer data)
{
  MailboxEntry *entry = data;
  g_free (entry->file);
  g_clear_pointer (&entry->json, g_bytes_unref);
}

MailboxEntry *
mailbox_entry_ref (MailboxEntry *entry)
{
  return g_atomic_rc_box_acquire (entry);
}

void
mailbox_entry_unref (MailboxEntry *entry)
{
  g_atomic_rc_box_release_full (entry, entry_clear);
}

static MailboxEntry *
entry_new (const Mailbox *self, const NodeId *device, const MessageId *id, int64_t at_us)
{
  g_autofree char *node = node_id_to_hex (device);
  g_autoptr (GString) file = g_string_new (NULL);
  g_string_printf (file, "%s/%s-%0*" G_GINT64_MODIFIER "x-", self->folder, node, TIME_DIGITS,
                   at_us);
  for (int i = 0; i < MESSAGE_ID_LEN; i++)
    g_string_append_printf (file, "%02x", id->bytes[i]);
  MailboxEntry *entry = g_atomic_rc_box_new0 (MailboxEntry);
  entry->dir = self->dir;
  entry->file = g_string_free (g_steal_pointer (&file), FALSE);
  entry->device = *device;
  entry->id = *id;
  entry->at_us = at_us;
  return entry;
}

static bool
parse_name (const char *name, NodeId *device, MessageId *id, int64_t *at_us)
{
  if (strlen (name) != NAME_LEN || name[NODE_DIGITS] != '-' ||
      name[NODE_DIGITS + 1 + TIME_DIGITS] != '-')
    return false;
  g_autofree char *node = g_strndup (name, NODE_DIGITS);
  g_autofree char *time = g_strndup (name + NODE_DIGITS + 1, TIME_DIGITS);
  const char *digits = name + NODE_DIGITS + 1 + TIME_DIGITS + 1;
  uint64_t at;
  if (!node_id_parse (device, node) ||
      !g_ascii_string_to_unsigned (time, 16, 0, INT64_MAX, &at, NULL))
    return false;
  for (int i = 0; i < MESSAGE_ID_LEN; i++)
    {
      int high = g_ascii_xdigit_value (digits[2 * i]),
          low = g_ascii_xdigit_value (digits[2 * i + 1]);
      if (high < 0 || low < 0)
        return false;
      id->bytes[i] = (uint8_t) (high << 4 | low);
    }
  *at_us = (int64_t) at;
  return true;
}

/* NULL: it is none of ours, or cannot be read. */
static MailboxEntry *
load (const Mailbox *self, const char *name)
{
  NodeId device;
  MessageId id;
  int64_t at_us;
  size_t len;
  g_autoptr (GError) error = NULL;
  if (!parse_name (name, &device, &id, &at_us))
    return NULL;
  g_autoptr (MailboxEntry) entry = entry_new (self, &device, &id, at_us);
  g_autofree uint8_t *json = g_malloc (MESSAGE_SIZE_MAX);
  if (!private_file_read (data_dir_get_fd (self->dir), entry->file, json, MESSAGE_SIZE_MAX, &len,
                          &error))
    {
      g_warning ("a message is left out: %s", error->message);
      return NULL;
    }
  entry->json = g_bytes_new (json, len);
  entry->stored = true;
  return g_steal_pointer (&entry);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const MailboxEntry *one = a, *other = b;
  return (one->at_us > other->at_us) - (one->at_us < other->at_us);
}

Mailbox *
mailbox_open (const DataDir *dir, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (data_dir_get_path (dir), folder, NULL);
  if (mkdirat (data_dir_get_fd (dir), folder, 0700) < 0 && errno != EEXIST)
    {
      int code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "“%s” cannot be made: %s",
                   path, g_strerror (code));
      return NULL;
    }
  g_autoptr (GDir) files = g_dir_open (path, 0, error);
  if (!files)
    return NULL;
  Mailbox *self = g_new (Mailbox, 1);
  *self = (Mailbox) { dir, g_strdup (folder),
                      g_ptr_array_new_with_free_func ((GDestroyNotify) mailbox_entry_unref) };
  for (const char *name = g_dir_read_name (files); name; name = g_dir_read_name (files))
    {
      MailboxEntry *entry = load (self, name);
      if (entry)
        g_ptr_array_add (self->entries, entry);
    }
  g_ptr_array_sort_values (self->entries, compare_entries);
  return self;
}

void
mailbox_free (Mailbox *self)
{
  g_free (self->folder);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

GPtrArray *
mailbox_list (const Mailbox *self)
{
  return self->entries;
}

MailboxEntry *
mailbox_first (const Mailbox *self, const NodeId *device)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      MailboxEntry *entry = self->entries->pdata[i];
      if (node_id_equal (&entry->device, device))
        return entry;
    }
  return NULL;
}

MailboxEntry *
mailbox_find (const Mailbox *self, const NodeId *device, const MessageId *id)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      MailboxEntry *entry = self->entries->pdata[i];
      if (node_id_equal (&entry->device, device) && message_id_equal (&entry->id, id))
        return entry;
    }
  return NULL;
}

static bool
has_room (const Mailbox *self, const NodeId *device, size_t len)
{
  guint n = 1;
  size_t of_device = len, of_all = len;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const MailboxEntry *entry = self->entries->pdata[i];
      bool counts = node_id_equal (&entry->device, device);
      n += counts;
      of_device += counts ? g_bytes_get_size (entry->json) : 0;
      of_all += g_bytes_get_size (entry->json);
    }
  return n <= MAILBOX_DEVICE_MAX && of_device <= MAILBOX_DEVICE_BYTES_MAX &&
         of_all <= MAILBOX_BYTES_MAX;
}

MailboxEntry *
mailbox_add (Mailbox *self, const NodeId *device, const MessageId *id, GBytes *json, GError **error)
{
  g_autoptr (GBytes) taken = json;
  if (!has_room (self, device, g_bytes_get_size (json)))
    {
      g_set_error (error, MAILBOX_ERROR, MAILBOX_ERROR_FULL, "too many messages wait in “%s”",
                   self->folder);
      return NULL;
    }
  int64_t at_us = g_get_real_time ();
  if (self->entries->len > 0)
    {
      const MailboxEntry *last = self->entries->pdata[self->entries->len - 1];
      at_us = MAX (at_us, last->at_us + 1); /* a clock may go back */
    }
  MailboxEntry *entry = entry_new (self, device, id, at_us);
  entry->json = g_steal_pointer (&taken);
  g_ptr_array_add (self->entries, entry);
  return entry;
}

void
mailbox_drop (Mailbox *self, MailboxEntry *entry)
{
  g_ptr_array_remove (self->entries, entry);
}

bool
mailbox_entry_write (MailboxEntry *entry, GError **error)
{
  size_t len;
  const void *json = g_bytes_get_data (entry->json, &len);
  return private_file_write (data_dir_get_fd (entry->dir), entry->file, json, len,
                             PRIVATE_FILE_REPLACE, error);
}

bool
mailbox_entry_erase (MailboxEntry *entry, GError **error)
{
  return private_file_remove (data_dir_get_fd (entry->dir), entry->file, error);
}
