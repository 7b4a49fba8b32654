/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sending worker gives each file of the offer its place in the stream: its bytes and digest, or
 * that it was given up, with the reason in the ledger. */
#include "net/transfer/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/async/worker.h"
#include "net/transfer/record_reader.h"
#include "tests/support/data_stream.h"

typedef struct
{
  DataStream stream;
  Tree *tree;
  /* What the reading end found of each entry. */
  QuicStream *in;
  GString *got;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  data_stream_init (&fixture->stream);
  fixture->got = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->tree, tree_free);
  g_clear_pointer (&fixture->in, quic_stream_unref);
  g_string_free (fixture->got, true);
  data_stream_clear (&fixture->stream);
}

static void
write_file (Fixture *fixture, const char *below, const char *content)
{
  scratch_write (&fixture->stream.devices.scratch, below, content, -1);
}

/* Offers "t". */
static void
walk (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) chosen = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (chosen, scratch_file (&fixture->stream.devices.scratch, "t"));
  fixture->tree = tree_new (chosen, fixture->stream.offer, NULL, &error);
  g_assert_no_error (error);
}

/* Worker: "1:content " for a file, "2:- " for one that was given up. */
static bool
read_records (gpointer data, GError **error)
{
  Fixture *fixture = data;
  const DataStream *stream = &fixture->stream;
  g_autoptr (RecordReader) reader = record_reader_new (fixture->in, offer_get_id (stream->offer),
                                                       stream->key, stream->cancellable);
  ChunkHeader header;
  const uint8_t *content = NULL;
  while (record_reader_next (reader, &header, &content, error))
    {
      if (!content)
        return true;
      if (header.flags & CHUNK_FIRST)
        g_string_append_printf (fixture->got, "%u:", header.entry_id);
      g_string_append_len (fixture->got, (const char *) content, header.length);
      if (header.flags & CHUNK_ABANDONED)
        g_string_append_c (fixture->got, '-');
      if (header.flags & (CHUNK_ABANDONED | CHUNK_LAST))
        g_string_append_c (fixture->got, ' ');
    }
  return false;
}

static void
run_source (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  DataStream *stream = &fixture->stream;
  Source source = {
    .tree = fixture->tree,
    .offer = stream->offer,
    .stream = stream->out,
    .transfer_key = stream->key,
    .cancellable = stream->cancellable,
    .ledger = stream->ledger,
  };
  DexFuture *sending = worker_start ("source", source_send, &source);
  fixture->in = data_stream_accept (stream);
  wait_future (worker_start ("reader", read_records, fixture), &error);
  g_assert_no_error (error);
  wait_for (sending);
}

static void
test_all (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "t/a", "first");
  write_file (fixture, "t/b", "");
  write_file (fixture, "t/c/d", "deep");
  walk (fixture);
  run_source (fixture);
  g_assert_cmpstr (fixture->got->str, ==, "1:first 2: 4:deep ");
  g_assert_true (ledger_is_empty (fixture->stream.ledger));
  g_assert_cmpuint (ledger_get_bytes (fixture->stream.ledger), ==, 9);
}

static void
vanish (const char *path)
{
  g_assert_no_errno (unlink (path));
}

static void
become_link (const char *path)
{
  vanish (path);
  g_assert_no_errno (symlink ("/etc/passwd", path));
}

static void
become_pipe (const char *path)
{
  vanish (path);
  g_assert_no_errno (mkfifo (path, 0600));
}

static void
become_closed (const char *path)
{
  g_assert_no_errno (chmod (path, 0));
}

static void
grow (const char *path)
{
  g_assert_no_errno (truncate (path, 100));
}

static void
shrink (const char *path)
{
  g_assert_no_errno (truncate (path, 1));
}

static void
become_older (const char *path)
{
  struct stat status;
  g_assert_no_errno (stat (path, &status));
  const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { 1, status.st_mtim.tv_nsec } };
  g_assert_no_errno (utimensat (AT_FDCWD, path, times, 0));
}

/* What happens to a file between the walk and its turn. */
typedef struct
{
  const char *name;
  void (*happen) (const char *path);
  ControlReason reason;
} Change;

static const Change changes[] = {
  { "vanished", vanish, CONTROL_REASON_VANISHED },
  { "link", become_link, CONTROL_REASON_NOT_REGULAR },
  { "pipe", become_pipe, CONTROL_REASON_NOT_REGULAR },
  { "closed", become_closed, CONTROL_REASON_READ },
  { "grown", grow, CONTROL_REASON_CHANGED },
  { "shrunk", shrink, CONTROL_REASON_CHANGED },
  { "other-time", become_older, CONTROL_REASON_CHANGED },
};

static void
test_change (Fixture *fixture, gconstpointer data)
{
  const Change *change = data;
  write_file (fixture, "t/a", "changes");
  write_file (fixture, "t/b", "stays");
  walk (fixture);
  g_autofree char *path = scratch_path (&fixture->stream.devices.scratch, "t/a");
  change->happen (path);
  run_source (fixture);
  g_assert_cmpstr (fixture->got->str, ==, "1:- 2:stays ");
  g_autoptr (GArray) items = ledger_take (fixture->stream.ledger, G_MAXUINT);
  g_assert_cmpuint (items->len, ==, 1);
  const LedgerItem *item = &g_array_index (items, LedgerItem, 0);
  g_assert_cmpuint (item->entry_id, ==, 1);
  g_assert_cmpint (item->reason, ==, change->reason);
  g_assert_false (item->ok);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scratch_drop_capabilities (); /* before there is another thread */
  dex_init ();
  g_test_add ("/source/all", Fixture, NULL, set_up, test_all, tear_down);
  for (unsigned i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *name = g_strconcat ("/source/", changes[i].name, NULL);
      g_test_add (name, Fixture, &changes[i], set_up, test_change, tear_down);
    }
  return g_test_run ();
}
