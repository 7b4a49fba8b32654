/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the receiving worker makes of the records of a stream: an item for each file, or the error
 * that says how the sender broke the protocol. */
#include "net/transfer/sink.h"

#include <blake3.h>
#include <sys/stat.h>

#include "net/async/worker.h"
#include "net/transfer/record_writer.h"
#include "tests/support/data_stream.h"

typedef struct
{
  DataStream stream;
  GFile *folder;
  RecordWriter *writer;
  Sink sink;
} Fixture;

/* Entries: 0 a folder, 1 "folder/a" of five bytes, 2 "b" of none. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  DataStream *stream = &fixture->stream;
  data_stream_init (stream);
  data_stream_offer (stream, "folder", OFFER_FOLDER, 0);
  data_stream_offer (stream, "folder/a", OFFER_FILE, 5);
  data_stream_offer (stream, "b", OFFER_FILE, 0);
  fixture->folder = scratch_file (&stream->devices.scratch, "in");
  fixture->writer = record_writer_new (stream->out, offer_get_id (stream->offer), stream->key,
                                       stream->cancellable);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->writer, record_writer_free);
  g_clear_pointer (&fixture->sink.notes, g_ptr_array_unref);
  g_clear_pointer (&fixture->sink.first_name, g_free);
  g_clear_pointer (&fixture->sink.stream, quic_stream_unref);
  g_object_unref (fixture->folder);
  data_stream_clear (&fixture->stream);
}

typedef struct
{
  uint32_t entry_id;
  unsigned flags;
  const char *content; /* NULL: no more records */
  bool damaged;
} Record;

#define WHOLE (CHUNK_FIRST | CHUNK_LAST)
#define GONE  (CHUNK_FIRST | CHUNK_ABANDONED)

static void
put (Fixture *fixture, const Record *record)
{
  g_autoptr (GError) error = NULL;
  ChunkHeader header = { .flags = record->flags,
                         .entry_id = record->entry_id,
                         .length = strlen (record->content) };
  uint8_t digest[CHUNK_DIGEST_LEN];
  blake3_hasher hasher;
  blake3_hasher_init (&hasher);
  blake3_hasher_update (&hasher, record->content, header.length);
  blake3_hasher_finalize (&hasher, digest, sizeof digest);
  digest[0] ^= record->damaged;
  uint8_t *room;
  record_writer_reserve (fixture->writer, header.length, &room, &error);
  g_assert_no_error (error);
  memcpy (room, record->content, header.length);
  record_writer_put (fixture->writer, &header, record->flags & CHUNK_LAST ? digest : NULL);
}

/* Sends @records, ended by one without content, and ends the stream. */
static bool
receive (Fixture *fixture, const Record *records, GError **error)
{
  DataStream *stream = &fixture->stream;
  for (; records->content; records++)
    put (fixture, records);
  record_writer_flush (fixture->writer, NULL);
  quic_stream_finish (stream->out);
  fixture->sink = (Sink) {
    .folder = fixture->folder,
    .offer = stream->offer,
    .stream = data_stream_accept (stream),
    .transfer_key = stream->key,
    .cancellable = stream->cancellable,
    .ledger = stream->ledger,
  };
  return wait_future (worker_start ("sink", sink_receive, &fixture->sink), error);
}

static const LedgerItem *
find_item (GArray *items, uint32_t entry_id)
{
  for (guint i = 0; i < items->len; i++)
    if (g_array_index (items, LedgerItem, i).entry_id == entry_id)
      return &g_array_index (items, LedgerItem, i);
  g_assert_not_reached ();
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  receive (fixture, (Record[]) { { 1, WHOLE, "right" }, { 2, WHOLE, "" }, { 0 } }, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) items = ledger_take (fixture->stream.ledger, G_MAXUINT);
  g_assert_cmpuint (items->len, ==, 2);
  g_assert_true (find_item (items, 1)->ok && find_item (items, 2)->ok);
  g_assert_cmpstr (find_item (items, 1)->text, ==, "folder/a");
  g_assert_cmpuint (ledger_get_bytes (fixture->stream.ledger), ==, 5);
  g_assert_cmpuint (fixture->sink.n_abandoned, ==, 0);
  scratch_assert_content (&fixture->stream.devices.scratch, "in/folder/a", "right");
}

/* What fails by itself has its reason, and the other file arrives. */
static void
test_fails_alone (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name;
    Record record;
    ControlReason reason;
    bool told;
  } failures[] = {
    { "damaged", { 1, WHOLE, "right", true }, CONTROL_REASON_CHECKSUM, false },
    { "abandoned", { 1, GONE, "" }, CONTROL_REASON_READ, true },
  };
  const size_t i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  receive (fixture, (Record[]) { failures[i].record, { 2, WHOLE, "" }, { 0 } }, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) items = ledger_take (fixture->stream.ledger, G_MAXUINT);
  const LedgerItem *failed = find_item (items, 1);
  g_assert_false (failed->ok);
  g_assert_cmpint (failed->reason, ==, failures[i].reason);
  g_assert_true (failed->told == failures[i].told);
  g_assert_nonnull (failed->text);
  g_assert_true (find_item (items, 2)->ok);
  g_assert_cmpuint (fixture->sink.n_abandoned, ==, failures[i].told);
  scratch_assert_names (&fixture->stream.devices.scratch, "in", "b|folder");
  scratch_assert_names (&fixture->stream.devices.scratch, "in/folder", "");
}

/* A folder that cannot be made is told with its reason, what lies in it only counted. */
static void
test_folder_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  data_stream_offer (&fixture->stream, "closed/below", OFFER_FOLDER, 0);
  data_stream_offer (&fixture->stream, "closed/below/c", OFFER_FILE, 5);
  scratch_mkdir (&fixture->stream.devices.scratch, "in/closed");
  g_autofree char *closed = scratch_path (&fixture->stream.devices.scratch, "in/closed");
  g_assert_no_errno (chmod (closed, 0555));
  receive (fixture,
           (Record[]) { { 1, WHOLE, "right" }, { 2, WHOLE, "" }, { 4, WHOLE, "right" }, { 0 } },
           &error);
  g_assert_no_error (error);
  g_autoptr (GArray) items = ledger_take (fixture->stream.ledger, G_MAXUINT);
  const LedgerItem *folder = find_item (items, 3), *file = find_item (items, 4);
  g_assert_cmpint (folder->reason, ==, CONTROL_REASON_PERMISSION);
  g_assert_nonnull (folder->text);
  g_assert_cmpint (file->reason, ==, CONTROL_REASON_PERMISSION);
  g_assert_null (file->text);
  g_assert_true (find_item (items, 1)->ok && find_item (items, 2)->ok);
}

typedef struct
{
  const char *name;
  Record records[3];
  SinkError code;
} Breach;

static const Breach breaches[] = {
  { "unknown-entry", { { 3, WHOLE, "right" } }, SINK_ERROR_UNOFFERED },
  { "folder-as-file", { { 0, WHOLE, "" } }, SINK_ERROR_UNOFFERED },
  { "twice", { { 2, WHOLE, "" }, { 2, WHOLE, "" } }, SINK_ERROR_UNOFFERED },
  { "too-long", { { 1, WHOLE, "longer" } }, SINK_ERROR_SIZE },
  { "too-short", { { 1, WHOLE, "shor" } }, SINK_ERROR_SIZE },
  { "missing", { { 1, WHOLE, "right" } }, SINK_ERROR_MISSING },
};

static void
test_breach (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const Breach *breach = data;
  g_assert_false (receive (fixture, breach->records, &error));
  g_assert_error (error, SINK_ERROR, (int) breach->code);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_cancellable_cancel (fixture->stream.cancellable);
  g_assert_false (receive (fixture, (Record[]) { { 1, WHOLE, "right" }, { 0 } }, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define add(name, data, func) g_test_add ("/sink/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scratch_drop_capabilities (); /* before there is another thread */
  dex_init ();
  add ("whole", NULL, test_whole);
  add ("damaged", GSIZE_TO_POINTER (0), test_fails_alone);
  add ("abandoned", GSIZE_TO_POINTER (1), test_fails_alone);
  add ("folder-fails", NULL, test_folder_fails);
  for (unsigned i = 0; i < G_N_ELEMENTS (breaches); i++)
    {
      g_autofree char *name = g_strconcat ("/sink/", breaches[i].name, NULL);
      g_test_add (name, Fixture, &breaches[i], set_up, test_breach, tear_down);
    }
  add ("cancelled", NULL, test_cancelled);
  return g_test_run ();
}
