/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/mailbox.h"

#include "net/store/seen_ids.h"
#include "tests/net/store/fixture.h"

static MailboxEntry *
add (Mailbox *mailbox, uint8_t device, const char *text)
{
  NodeId id = device_numbered (device).node_id;
  MessageId message;
  g_autoptr (GError) error = NULL;
  message_id_generate (&message);
  MailboxEntry *entry =
      mailbox_add (mailbox, &id, &message, g_bytes_new (text, strlen (text)), &error);
  g_assert_no_error (error);
  return entry;
}

static Mailbox *
open_box (const DataDir *dir)
{
  g_autoptr (GError) error = NULL;
  Mailbox *mailbox = mailbox_open (dir, "box", &error);
  g_assert_no_error (error);
  return mailbox;
}

static const char *
text_at (Mailbox *mailbox, guint at, size_t *len)
{
  const MailboxEntry *entry = mailbox_list (mailbox)->pdata[at];
  return g_bytes_get_data (entry->json, len);
}

/* Opened again, it has what was written, in order, and not what was erased or never written. */
static void
test_kept (Folder *folder, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  {
    g_autoptr (Mailbox) mailbox = open_box (folder->dir);
    const char *texts[] = { "one", "two", "three", "four" };
    for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
      {
        MailboxEntry *entry = add (mailbox, (uint8_t) (9 - i), texts[i]);
        g_assert_true (i == 3 || mailbox_entry_write (entry, &error));
        g_assert_no_error (error);
      }
    MailboxEntry *second = mailbox_list (mailbox)->pdata[1];
    g_assert_true (mailbox_entry_erase (second, &error));
    mailbox_drop (mailbox, second);
    g_assert_cmpuint (mailbox_list (mailbox)->len, ==, 3);
  }
  g_autoptr (Mailbox) again = open_box (folder->dir);
  size_t len;
  g_assert_cmpuint (mailbox_list (again)->len, ==, 2);
  const char *text = text_at (again, 0, &len);
  g_assert_cmpmem (text, len, "one", 3);
  text = text_at (again, 1, &len);
  g_assert_cmpmem (text, len, "three", 5);
  NodeId of_three = device_numbered (7).node_id, nobody = device_numbered (1).node_id;
  g_assert_true (mailbox_first (again, &of_three) == mailbox_list (again)->pdata[1]);
  g_assert_null (mailbox_first (again, &nobody));
}

/* What a crash or somebody else left there is no message. */
static void
test_strays (Folder *folder, gconstpointer data)
{
  static const char *const names[] = { "box/x", "box/.new", "box/0123-45-67" };
  g_autoptr (GError) error = NULL;
  g_autoptr (Mailbox) mailbox = open_box (folder->dir);
  MailboxEntry *entry = add (mailbox, 1, "one");
  g_assert_true (mailbox_entry_write (entry, &error));
  g_autofree char *rest = g_strconcat (entry->file, ".new", NULL);
  for (size_t i = 0; i <= G_N_ELEMENTS (names); i++)
    {
      int fd =
          openat (data_dir_get_fd (folder->dir), i ? names[i - 1] : rest, O_WRONLY | O_CREAT, 0600);
      g_assert_cmpint (fd, >=, 0);
      close (fd);
    }
  g_autoptr (Mailbox) again = open_box (folder->dir);
  g_assert_cmpuint (mailbox_list (again)->len, ==, 1);
}

static void
test_bounds (Folder *folder, gconstpointer data)
{
  g_autoptr (Mailbox) mailbox = open_box (folder->dir);
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill (MAILBOX_DEVICE_BYTES_MAX, 'x');
  NodeId one = device_numbered (1).node_id, other = device_numbered (2).node_id;
  MessageId id = { { 0 } };
  for (int i = 0; i < MAILBOX_DEVICE_MAX; i++)
    add (mailbox, 1, "x");
  g_assert_null (mailbox_add (mailbox, &one, &id, g_bytes_new ("x", 1), &error));
  g_assert_error (error, MAILBOX_ERROR, MAILBOX_ERROR_FULL);
  g_clear_error (&error);
  add (mailbox, 2, large);
  g_assert_null (mailbox_add (mailbox, &other, &id, g_bytes_new ("x", 1), &error));
  g_assert_error (error, MAILBOX_ERROR, MAILBOX_ERROR_FULL);
  g_clear_error (&error);
  for (uint8_t i = 3; i < 1 + MAILBOX_BYTES_MAX / MAILBOX_DEVICE_BYTES_MAX; i++)
    add (mailbox, i, large);
  NodeId last = device_numbered (100).node_id;
  g_assert_null (mailbox_add (mailbox, &last, &id, g_bytes_new (large, strlen (large)), &error));
  g_assert_error (error, MAILBOX_ERROR, MAILBOX_ERROR_FULL);
}

static MessageId
numbered (guint number)
{
  MessageId id = { 0 };
  memcpy (&id, &number, sizeof number);
  return id;
}

static void
test_seen (Folder *folder, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  NodeId device = device_numbered (1).node_id;
  SeenIds seen, again;
  g_assert_true (seen_ids_read (folder->dir, &device, &seen, &error));
  g_assert_cmpuint (seen.n, ==, 0);
  for (guint i = 0; i <= SEEN_IDS_MAX; i++)
    {
      MessageId id = numbered (i);
      seen_ids_add (&seen, &id);
    }
  g_assert_true (seen_ids_write (folder->dir, &device, &seen, &error));
  g_assert_true (seen_ids_read (folder->dir, &device, &again, &error));
  g_assert_no_error (error);
  MessageId oldest = numbered (0), next = numbered (1), newest = numbered (SEEN_IDS_MAX);
  g_assert_false (seen_ids_has (&again, &oldest));
  g_assert_true (seen_ids_has (&again, &next) && seen_ids_has (&again, &newest));
  g_assert_true (seen_ids_remove (folder->dir, &device, &error));
  g_assert_true (seen_ids_read (folder->dir, &device, &again, &error));
  g_assert_cmpuint (again.n, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/mailbox/kept", test_kept);
  ADD ("/mailbox/strays", test_strays);
  ADD ("/mailbox/bounds", test_bounds);
  ADD ("/mailbox/seen", test_seen);
  return run_tests ();
}
