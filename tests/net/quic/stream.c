/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams: both kinds, both faces, back-pressure, reset, many at once. */
#include <sodium.h>
#include <string.h>

#include "tests/net/quic/pair.h"

#define WIRING(data) ((Wiring) GPOINTER_TO_INT (data))
#define MIB          (1024 * 1024)

static void
assert_text (GBytes *bytes, const char *text)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static void
test_both_kinds (gconstpointer data)
{
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  for (int opener = 0; opener < 2; opener++)
    {
      g_autoptr (QuicStream) ask = open_stream (pair.connection[opener], true), answer = NULL;
      g_autoptr (QuicStream) one_way = open_stream (pair.connection[opener], false),
                             other_end = NULL;
      g_autoptr (GBytes) question = NULL, reply = NULL, message = NULL;
      g_autoptr (GAsyncResult) drained = NULL;

      send_text (ask, "Wherry?");
      quic_stream_finish (ask);
      answer = accept_stream (pair.connection[1 - opener]);
      g_assert_true (quic_stream_is_bidirectional (answer));
      g_assert_cmpint (quic_stream_get_id (answer), ==, quic_stream_get_id (ask));
      question = receive_all (answer, NULL);
      assert_text (question, "Wherry?");
      send_text (answer, "Here.");
      quic_stream_finish (answer);
      reply = receive_all (ask, NULL);
      assert_text (reply, "Here.");

      send_text (one_way, "by the way");
      quic_stream_finish (one_way);
      quic_stream_drain_async (one_way, NULL, await_cb, &drained);
      other_end = accept_stream (pair.connection[1 - opener]);
      g_assert_false (quic_stream_is_bidirectional (other_end));
      message = receive_all (other_end, NULL);
      assert_text (message, "by the way");
      g_assert_true (quic_stream_drain_finish (one_way, await (&drained), NULL));
    }
  pair_clear (&pair);
}

static void
test_fin_alone (gconstpointer data)
{
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  for (int with_data = 0; with_data <= 1; with_data++)
    {
      g_autoptr (QuicStream) out = open_stream (pair.connection[0], true), in = NULL;
      g_autoptr (GBytes) all = NULL, first = NULL;
      g_autoptr (GAsyncResult) drained = NULL, received = NULL;
      if (with_data)
        {
          send_text (out, "first");
          in = accept_stream (pair.connection[1]);
          quic_stream_receive_async (in, 100, NULL, await_cb, &received);
          first = quic_stream_receive_finish (in, await (&received), NULL);
          assert_text (first, "first");
        }
      quic_stream_finish (out);
      quic_stream_finish (out);
      quic_stream_drain_async (out, NULL, await_cb, &drained);
      if (!in)
        in = accept_stream (pair.connection[1]);
      all = receive_all (in, NULL);
      g_assert_cmpuint (g_bytes_get_size (all), ==, 0);
      g_assert_true (quic_stream_drain_finish (out, await (&drained), NULL));
    }
  pair_clear (&pair);
}

static void
test_receive_in_pieces (gconstpointer data)
{
  static const char text[] = "a boat that carries people and luggage on a river";
  g_autoptr (GString) got = g_string_new (NULL);
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
    send_text (out, text);
    quic_stream_finish (out);
    in = accept_stream (pair.connection[1]);
    for (;;)
      {
        g_autoptr (GAsyncResult) result = NULL;
        g_autoptr (GBytes) bytes = NULL;
        quic_stream_receive_async (in, 7, NULL, await_cb, &result);
        bytes = quic_stream_receive_finish (in, await (&result), NULL);
        g_assert_cmpuint (g_bytes_get_size (bytes), <=, 7);
        if (g_bytes_get_size (bytes) == 0)
          break;
        g_string_append_len (got, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      }
    g_assert_cmpstr (got->str, ==, text);
  }
  pair_clear (&pair);
}

static void
test_reset (gconstpointer data)
{
  for (int resetter = 0; resetter < 2; resetter++)
    {
      Pair pair;
      pair_init (&pair, WIRING (data));
      pair_connect (&pair);
      {
        QuicStream *ends[2] = { open_stream (pair.connection[0], true), NULL };
        g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
        send_text (ends[0], "begin");
        ends[1] = accept_stream (pair.connection[1]);
        quic_stream_reset (ends[resetter], QUIC_CODE_CANCELLED);
        quic_stream_reset (ends[resetter], QUIC_CODE_PROTOCOL);
        for (int i = 0; i < 2; i++)
          {
            g_autoptr (GError) error = NULL;

            /* what had arrived may be read; then comes the error */
            g_assert_null (receive_all (ends[i], &error));
            g_assert_error (error, QUIC_ERROR, QUIC_ERROR_RESET);
            g_clear_error (&error);
            do
              {
                g_autoptr (GAsyncResult) sent = NULL;
                quic_stream_send_async (ends[i], bytes, NULL, await_cb, &sent);
                quic_stream_send_finish (ends[i], await (&sent), &error);
              }
            while (!error);
            g_assert_error (error, QUIC_ERROR, QUIC_ERROR_RESET);
          }
        /* the connection goes on */
        g_assert_true (quic_connection_is_open (pair.connection[0]));
        quic_stream_unref (ends[0]);
        quic_stream_unref (ends[1]);
      }
      pair_clear (&pair);
    }
}

static void
test_dropping_resets (gconstpointer data)
{
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  {
    QuicStream *out = open_stream (pair.connection[0], false);
    g_autoptr (QuicStream) in = NULL;
    g_autoptr (GError) error = NULL;
    send_text (out, "not the end");
    in = accept_stream (pair.connection[1]);
    quic_stream_unref (out);
    g_assert_null (receive_all (in, &error));
    g_assert_error (error, QUIC_ERROR, QUIC_ERROR_RESET);
  }
  pair_clear (&pair);
}

static void
test_reader_who_leaves (gconstpointer data)
{
  g_autofree char *zeros = g_malloc0 (MIB);
  g_autoptr (GBytes) bytes = g_bytes_new_static (zeros, MIB);
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  /* more than a connection's window in all: unread bytes must not eat it up */
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
      g_autoptr (GAsyncResult) sent = NULL;
      quic_stream_send_async (out, bytes, NULL, await_cb, &sent);
      quic_stream_finish (out);
      in = accept_stream (pair.connection[1]);
    }
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
    g_autoptr (GBytes) all = NULL;
    send_text (out, "made it");
    quic_stream_finish (out);
    in = accept_stream (pair.connection[1]);
    all = receive_all (in, NULL);
    assert_text (all, "made it");
  }
  pair_clear (&pair);
}

static void
count_sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  unsigned *count = user_data;
  *count += g_task_had_error (G_TASK (result)) ? 0 : 1;
}

static void
test_back_pressure (void)
{
  enum
  {
    PIECES = 64
  };
  g_autofree char *zeros = g_malloc0 (MIB);
  g_autoptr (GBytes) bytes = g_bytes_new_static (zeros, MIB);
  unsigned sent = 0;
  Pair pair;

  pair_init (&pair, OVER_MEMORY);
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
    g_autoptr (GBytes) all = NULL;
    for (int i = 0; i < PIECES; i++)
      quic_stream_send_async (out, bytes, NULL, count_sent_cb, &sent);
    quic_stream_finish (out);
    in = accept_stream (pair.connection[1]);
    /* nobody reads: the first window is all that leaves, and senders wait although there is time
     * enough */
    pass_time (&pair, 20);
    g_assert_cmpuint (sent, <=, 2 * QUIC_STREAM_SEND_HIGH / MIB);
    g_assert_true (quic_connection_is_open (pair.connection[0]));

    /* one who does not read does not stop the others */
    {
      g_autoptr (QuicStream) beside = open_stream (pair.connection[0], false), beside_in = NULL;
      g_autoptr (GBytes) text = NULL;
      send_text (beside, "beside");
      quic_stream_finish (beside);
      beside_in = accept_stream (pair.connection[1]);
      text = receive_all (beside_in, NULL);
      assert_text (text, "beside");
    }

    all = receive_all (in, NULL);
    g_assert_cmpuint (g_bytes_get_size (all), ==, PIECES * MIB);
    pass_time (&pair, 1);
    g_assert_cmpuint (sent, ==, PIECES);
  }
  pair_clear (&pair);
}

static void
test_many (gconstpointer data)
{
  enum
  {
    STREAMS = 250
  };
  Pair pair;

  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  /* one by one, more than the peer allows at once: credit comes back */
  for (int i = 0; i < STREAMS; i++)
    {
      g_autoptr (QuicStream) out = open_stream (pair.connection[0], i % 2), in = NULL;
      g_autoptr (GBytes) all = NULL;
      g_autofree char *text = g_strdup_printf ("stream %d", i);
      send_text (out, text);
      quic_stream_finish (out);
      in = accept_stream (pair.connection[1]);
      all = receive_all (in, NULL);
      assert_text (all, text);
    }
  pair_clear (&pair);
}

static void
test_hundred_at_once (gconstpointer data)
{
  enum
  {
    STREAMS = 100
  };
  QuicStream *out[STREAMS];
  g_autoptr (GAsyncResult) one_more = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (QuicStream) last = NULL;
  Pair pair;

  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  for (int i = 0; i < STREAMS; i++)
    {
      g_autofree char *text = g_strdup_printf ("stream %d", i);
      out[i] = open_stream (pair.connection[0], true);
      send_text (out[i], text);
      quic_stream_finish (out[i]);
    }
  quic_connection_open_stream_async (pair.connection[0], true, NULL, await_cb, &one_more);
  for (int i = 0; i < STREAMS; i++)
    {
      g_autoptr (QuicStream) in = accept_stream (pair.connection[1]);
      g_autoptr (GBytes) all = receive_all (in, NULL), answer = NULL;
      char *text = g_strndup (g_bytes_get_data (all, NULL), g_bytes_get_size (all));
      g_assert_true (g_hash_table_add (seen, text));
      quic_stream_finish (in);
    }
  for (int i = 0; i < STREAMS; i++)
    {
      g_autoptr (GBytes) answer = receive_all (out[i], NULL);
      g_assert_cmpuint (g_bytes_get_size (answer), ==, 0);
      quic_stream_unref (out[i]);
    }
  last = quic_connection_open_stream_finish (pair.connection[0], await (&one_more), NULL);
  g_assert_nonnull (last);
  g_clear_pointer (&last, quic_stream_unref);
  pair_clear (&pair);
}

/* ---- the blocking face ---- */

typedef struct
{
  QuicStream *stream;
  size_t total;
  bool ok;
} Worker;

static gpointer
write_cb (gpointer data)
{
  Worker *self = data;
  g_autofree uint32_t *numbers = g_new (uint32_t, MIB / 4);
  uint32_t next = 0;
  for (size_t sent = 0; sent < self->total; sent += MIB)
    {
      g_autoptr (GBytes) bytes = NULL;
      for (int i = 0; i < MIB / 4; i++)
        numbers[i] = next++;
      bytes = g_bytes_new (numbers, MIB);
      if (!quic_stream_send (self->stream, bytes, NULL, NULL))
        return NULL;
    }
  quic_stream_finish (self->stream);
  self->ok = true;
  return NULL;
}

static gpointer
read_cb (gpointer data)
{
  Worker *self = data;
  /* not a multiple of anything: pieces of chunks are read too */
  enum
  {
    NUMBERS = 100003
  };
  g_autofree uint32_t *numbers = g_new (uint32_t, NUMBERS);
  uint32_t next = 0;
  size_t got = 0;
  gssize len;

  do
    {
      len = quic_stream_read (self->stream, (uint8_t *) numbers, NUMBERS * 4, NULL, NULL);
      for (gssize i = 0; i < len / 4; i++)
        if (numbers[i] != next++)
          return NULL;
      got += MAX (len, 0);
    }
  while (len == NUMBERS * 4);
  self->ok = len >= 0 && got == self->total;
  return NULL;
}

static void
test_workers (void)
{
  Pair pair;
  pair_init (&pair, OVER_UDP);
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
    Worker writer = { out, 64 * MIB, false }, reader = { NULL, 64 * MIB, false };
    GThread *threads[2];
    threads[0] = g_thread_new ("writer", write_cb, &writer);
    in = reader.stream = accept_stream (pair.connection[1]);
    threads[1] = g_thread_new ("reader", read_cb, &reader);
    g_thread_join (threads[0]);
    g_thread_join (threads[1]);
    g_assert_true (writer.ok);
    g_assert_true (reader.ok);
  }
  pair_clear (&pair);
}

typedef struct
{
  QuicStream *stream;
  GCancellable *cancellable;
  GError *error;
  bool send;
} Blocked;

static gpointer
block_cb (gpointer data)
{
  Blocked *self = data;
  if (self->send)
    {
      g_autofree char *zeros = g_malloc0 (MIB);
      g_autoptr (GBytes) bytes = g_bytes_new (zeros, MIB);
      while (quic_stream_send (self->stream, bytes, self->cancellable, &self->error))
        ;
    }
  else
    {
      uint8_t byte;
      g_assert_cmpint (quic_stream_read (self->stream, &byte, 1, self->cancellable, &self->error),
                       ==, -1);
    }
  return NULL;
}

static void
test_blocked_workers_end (void)
{
  for (int how = 0; how < 6; how++)
    {
      bool send = how % 2;
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Pair pair;
      pair_init (&pair, OVER_UDP);
      pair_connect (&pair);
      {
        g_autoptr (QuicStream) stream = open_stream (pair.connection[0], true);
        Blocked blocked = { stream, cancellable, NULL, send };
        GThread *thread = g_thread_new ("blocked", block_cb, &blocked);
        if (how / 2 == 0)
          g_cancellable_cancel (cancellable);
        else if (how / 2 == 1)
          quic_connection_close (pair.connection[0], QUIC_CODE_OK, "");
        else
          quic_stream_reset (stream, QUIC_CODE_CANCELLED);
        g_thread_join (thread);
        if (how / 2 == 0)
          g_assert_error (blocked.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        else if (how / 2 == 1)
          g_assert_error (blocked.error, QUIC_ERROR, QUIC_ERROR_CLOSED);
        else
          g_assert_error (blocked.error, QUIC_ERROR, QUIC_ERROR_RESET);
        g_clear_error (&blocked.error);
      }
      pair_clear (&pair);
    }
}

typedef struct
{
  const char *name;
  GTestDataFunc run;
} Case;

static void
receive_now (QuicStream *stream, size_t max, GCancellable *cancellable, GAsyncResult **result)
{
  g_clear_object (result);
  quic_stream_receive_async (stream, max, cancellable, await_cb, result);
  await (result);
}

static void
expect_received (QuicStream *stream, GAsyncResult *result, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = quic_stream_receive_finish (stream, result, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

/* A receiver that was cancelled, however late, took nothing: the next one finds all of it, in
 * order. */
static void
test_cancelled_receive_loses_nothing (gconstpointer data)
{
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false);
    g_autoptr (QuicStream) in = NULL;
    g_autoptr (GAsyncResult) first = NULL, second = NULL, third = NULL;
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (GError) error = NULL;

    send_text (out, "one, two");
    in = accept_stream (pair.connection[1]);
    /* complete, but not finished yet */
    receive_now (in, 4, cancellable, &first);
    g_cancellable_cancel (cancellable);
    receive_now (in, 5, NULL, &second);
    g_assert_null (quic_stream_receive_finish (in, first, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    expect_received (in, second, "one, ");
    /* a result that is dropped took nothing either */
    receive_now (in, 3, NULL, &third);
    receive_now (in, 3, NULL, &third);
    expect_received (in, third, "two");
    g_clear_object (&third);

    /* the same with a receiver that had to wait */
    g_cancellable_reset (cancellable);
    g_clear_object (&first);
    quic_stream_receive_async (in, 100, cancellable, await_cb, &first);
    send_text (out, "three");
    await (&first);
    g_cancellable_cancel (cancellable);
    g_clear_error (&error);
    g_assert_null (quic_stream_receive_finish (in, first, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    receive_now (in, 100, NULL, &second);
    expect_received (in, second, "three");

    /* and the end of the stream is told as often as one asks */
    quic_stream_finish (out);
    for (int i = 0; i < 2; i++)
      {
        receive_now (in, 100, NULL, &second);
        expect_received (in, second, "");
      }
  }
  pair_clear (&pair);
}

static void
test_second_receiver (gconstpointer data)
{
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false);
    g_autoptr (QuicStream) in = NULL;
    g_autoptr (GAsyncResult) first = NULL, second = NULL;
    g_autoptr (GError) error = NULL;
    send_text (out, "x");
    in = accept_stream (pair.connection[1]);
    receive_now (in, 1, NULL, &first);
    receive_now (in, 1, NULL, &second);
    g_assert_null (quic_stream_receive_finish (in, second, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
    expect_received (in, first, "x");
    /* what is left of a finished receiver is in nobody's way */
    send_text (out, "y");
    receive_now (in, 1, NULL, &second);
    expect_received (in, second, "y");
  }
  pair_clear (&pair);
}

/* The peer decides when we find out, so this is an error like others and no mistake of the
 * program. */
static void
test_send_after_finish (gconstpointer data)
{
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], true), in = NULL;
    g_autoptr (GBytes) bytes = g_bytes_new_static ("late", 4);
    g_autoptr (GAsyncResult) sent = NULL, drained = NULL;
    g_autoptr (GError) error = NULL;
    send_text (out, "in time");
    quic_stream_finish (out);
    quic_stream_send_async (out, bytes, NULL, await_cb, &sent);
    g_assert_false (quic_stream_send_finish (out, await (&sent), &error));
    g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
    g_clear_error (&error);
    g_assert_false (quic_stream_send (out, bytes, NULL, &error));
    g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
    g_clear_error (&error);
    /* what was sent before is none the worse */
    in = accept_stream (pair.connection[1]);
    g_autoptr (GBytes) all = receive_all (in, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (g_bytes_get_data (all, NULL), g_bytes_get_size (all), "in time", 7);
    quic_stream_drain_async (out, NULL, await_cb, &drained);
    g_assert_true (quic_stream_drain_finish (out, await (&drained), &error));
    g_assert_no_error (error);
    /* also when all of it has arrived */
    g_clear_object (&sent);
    quic_stream_send_async (out, bytes, NULL, await_cb, &sent);
    g_assert_false (quic_stream_send_finish (out, await (&sent), &error));
    g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  }
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "both-kinds", test_both_kinds },
    { "fin-alone", test_fin_alone },
    { "receive-in-pieces", test_receive_in_pieces },
    { "cancelled-receive-loses-nothing", test_cancelled_receive_loses_nothing },
    { "second-receiver", test_second_receiver },
    { "send-after-finish", test_send_after_finish },
    { "reset", test_reset },
    { "dropping-resets", test_dropping_resets },
    { "reader-who-leaves", test_reader_who_leaves },
    { "many", test_many },
    { "hundred-at-once", test_hundred_at_once },
  };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int wiring = OVER_UDP; wiring <= OVER_MEMORY; wiring++)
      {
        g_autofree char *path =
            g_strdup_printf ("/stream/%s/%s", cases[i].name, wiring == OVER_UDP ? "udp" : "memory");
        g_test_add_data_func (path, GINT_TO_POINTER (wiring), cases[i].run);
      }
  g_test_add_func ("/stream/back-pressure", test_back_pressure);
  g_test_add_func ("/stream/workers", test_workers);
  g_test_add_func ("/stream/blocked-workers-end", test_blocked_workers_end);
  return g_test_run ();
}
