/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/two_nodes.h"
#include "net/peer/message_stream.h"
#include "net/async/quic_future.h"

/* B's message connection with A. */
static SecureConnection *
share (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  DexFuture *sharing = pool_share (WHERRY_NODE (fixture->B)->pool,
                                   wherry_client_get_id (fixture->A), MESSAGES_ALPN, address);
  g_assert_true (wait_future (dex_ref (sharing), &error));
  g_assert_no_error (error);
  SecureConnection *peer = g_value_dup_boxed (dex_future_get_value (sharing, NULL));
  dex_unref (sharing);
  return peer;
}

/* What takes A's messages in place of its node. */
typedef struct
{
  bool willing;
  int texts, unpaired, taken;
} Taker;

static bool
take_cb (SecureConnection *peer, const Message *message, gpointer user_data, GError **error)
{
  Taker *taker = user_data;
  ++*(message->type == MESSAGE_TEXT_SHARE ? &taker->texts : &taker->unpaired);
  if (!taker->willing)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "not willing");
  return taker->willing;
}

static void
taken_cb (const NodeId *from, const Message *message, gpointer user_data)
{
  Taker *taker = user_data;
  taker->taken++;
}

static void
taker_init (Taker *taker, TwoNodes *fixture, bool willing)
{
  static const MessageType types[] = { MESSAGE_TEXT_SHARE, MESSAGE_UNPAIRED };
  *taker = (Taker) { .willing = willing };
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    messages_handle (WHERRY_NODE (fixture->A)->messages, &(MessageHandler) { .type = types[i],
                                                                             .take = take_cb,
                                                                             .taken = taken_cb,
                                                                             .user_data = taker });
}

static void
taker_clear (Taker *taker, TwoNodes *fixture)
{
  if (fixture->A)
    two_nodes_close_one (fixture, 0);
}

static DexFuture *
send (TwoNodes *fixture, const NodeId *to, MessageType type)
{
  g_auto (Message) message = { 0 };
  message_init (&message, type);
  if (type == MESSAGE_TEXT_SHARE)
    message.text = g_strdup ("Grüße");
  return messages_send (WHERRY_NODE (fixture->B)->messages, to, &message, NULL);
}

static bool
say (TwoNodes *fixture, MessageType type, GError **error)
{
  return wait_future (send (fixture, wherry_client_get_id (fixture->A), type), error);
}

static void
test_acknowledged (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, true);
  g_assert_true (say (fixture, MESSAGE_TEXT_SHARE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (taker.texts, ==, 1);
  wait_until (taker.taken == 1);
  taker_clear (&taker, fixture);
}

/* It was paired anew while the disk forgot: the connections are those of the new pairing. */
static void
test_unpaired_and_paired_anew (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, true);
  g_autoptr (SecureConnection) before = share (fixture);
  g_assert_true (say (fixture, MESSAGE_UNPAIRED, &error));
  g_assert_true (say (fixture, MESSAGE_TEXT_SHARE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (taker.unpaired, ==, 1);
  g_autoptr (SecureConnection) after = share (fixture);
  g_assert_true (before == after);
  taker_clear (&taker, fixture);
}

static void
test_across_reconnect (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, true);
  g_autoptr (SecureConnection) before = share (fixture);
  quic_connection_close (before->connection, QUIC_CODE_OK, "test");
  g_assert_true (say (fixture, MESSAGE_TEXT_SHARE, &error));
  g_assert_no_error (error);
  g_autoptr (SecureConnection) after = share (fixture);
  g_assert_true (before != after);
  taker_clear (&taker, fixture);
}

static guint
n_waiting (WherryClient *node)
{
  return mailbox_list (WHERRY_NODE (node)->outbox)->len;
}

/* The disk did not take it: the sender must not believe otherwise, and says it again. */
static void
test_not_taken (TwoNodes *fixture, gconstpointer data)
{
  MessageType type = GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, false);
  DexFuture *sending = send (fixture, wherry_client_get_id (fixture->A), type);
  wait_until (taker.texts + taker.unpaired == 1);
  taker.willing = true;
  g_assert_true (dex_future_is_pending (sending));
  g_assert_cmpuint (n_waiting (fixture->B), ==, 1);
  messages_wake (WHERRY_NODE (fixture->B)->messages, wherry_client_get_id (fixture->A));
  g_assert_true (wait_future (sending, &error));
  g_assert_no_error (error);
  g_assert_cmpint (taker.texts + taker.unpaired, ==, 2);
  g_assert_cmpint (taker.taken, ==, 1);
  g_assert_cmpuint (n_waiting (fixture->B), ==, 0);
  taker_clear (&taker, fixture);
}

static void
test_shared (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (SecureConnection) one = share (fixture);
  g_autoptr (SecureConnection) two = share (fixture);
  g_assert_true (one == two);
}

/* How B says @json to A, sealed for the stream that it goes on, then @spoilt. */
typedef void (*Spoil) (GByteArray *sealed);

static void
say_sealed (SecureConnection *peer, const char *json, uint64_t stream_offset, Spoil spoil)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicStream) stream = wait_boxed (quic_future_open_stream (peer->connection, false));
  size_t len = strlen (json);
  g_autoptr (GByteArray) sealed = g_byte_array_new ();
  g_byte_array_set_size (sealed, (guint) (len + SESSION_OVERHEAD));
  session_seal (peer->session, (uint64_t) quic_stream_get_id (stream) + stream_offset, 0, NULL, 0,
                (const uint8_t *) json, len, sealed->data);
  if (spoil)
    spoil (sealed);
  g_autoptr (GBytes) bytes = g_bytes_new (sealed->data, sealed->len);
  g_assert_true (wait_future (quic_future_send (stream, bytes), &error));
  quic_stream_finish (stream);
  wait_future (quic_future_drain (stream), NULL); /* it may be refused before */
}

static const MessageCounts *
counts_of_a (TwoNodes *fixture)
{
  return messages_get_counts (WHERRY_NODE (fixture->A)->messages);
}

#define TEXT_OF(id) "{\"type\":\"text-share\",\"id\":\"" id "\",\"text\":\"x\"}"
#define ONE         TEXT_OF ("01010101010101010101010101010101")
#define TWO         TEXT_OF ("02020202020202020202020202020202")

static WherryReceivedText *
text_at (WherryClient *node, guint at)
{
  g_autoptr (WherryReceivedText) text = g_list_model_get_item (wherry_client_get_texts (node), at);
  return text; /* the list has a reference of its own */
}

static guint
n_texts (WherryClient *node)
{
  return g_list_model_get_n_items (wherry_client_get_texts (node));
}

static void
share_text (TwoNodes *fixture, const char *text)
{
  dex_future_disown (
      wherry_client_share_text (fixture->B, device_of (fixture->B, fixture->A), text, NULL));
}

static bool
is_on_disk (TwoNodes *fixture, guint n)
{
  guint stored = 0;
  GPtrArray *waiting = mailbox_list (WHERRY_NODE (fixture->B)->outbox);
  for (guint i = 0; i < waiting->len; i++)
    stored += ((MailboxEntry *) waiting->pdata[i])->stored;
  return stored == n;
}

/* What was said while the other device is away arrives when both are there again, in order, though
 * both programs started anew. What nobody has seen there is still there after another start, and
 * what was seen is not. */
static void
test_across_restarts (TwoNodes *fixture, gconstpointer data)
{
  static const char *const said[] = { "one", "two", "three", "four" };
  pair_by_words (fixture);
  two_nodes_close_one (fixture, 0);
  g_autoptr (WherryDevice) a =
      g_object_ref (wherry_client_find_device (fixture->B, "Anna’s desktop", NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
    dex_future_disown (wherry_client_share_text (fixture->B, a, said[i], NULL));
  wait_until (is_on_disk (fixture, G_N_ELEMENTS (said)));
  two_nodes_close_one (fixture, 1);

  two_nodes_open_one (fixture, 0);
  two_nodes_open_one (fixture, 1);
  g_assert_cmpuint (n_waiting (fixture->B), ==, G_N_ELEMENTS (said));
  g_autoptr (GPtrArray) here = loopback_of (fixture->A);
  g_autoptr (GError) error = NULL;
  WherryDevice *again = device_of (fixture->B, fixture->A);
  /* It may share what is dialled at the address of before. */
  while (wait_int64 (wherry_client_ping (fixture->B, again, here), &error) < 0)
    g_clear_error (&error);
  wait_until (n_waiting (fixture->B) == 0);
  wait_until (n_texts (fixture->A) == G_N_ELEMENTS (said));
  wherry_client_dismiss_text (fixture->A, text_at (fixture->A, 0));
  two_nodes_close_one (fixture, 0);
  two_nodes_open_one (fixture, 0);
  g_assert_cmpuint (n_texts (fixture->A), ==, G_N_ELEMENTS (said) - 1);
  for (guint i = 1; i < G_N_ELEMENTS (said); i++)
    g_assert_cmpstr (wherry_received_text_get_text (text_at (fixture->A, i - 1)), ==, said[i]);
}

/* Taken and seen, and its Ack was lost: a receiver that started anew does not show it again. */
static void
test_repeated_after_restart (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  g_autoptr (SecureConnection) before = share (fixture);
  say_sealed (before, ONE, 0, NULL);
  wait_until (n_texts (fixture->A) == 1);
  wherry_client_dismiss_text (fixture->A, text_at (fixture->A, 0));
  two_nodes_close_one (fixture, 0);
  two_nodes_open_one (fixture, 0);
  g_autoptr (SecureConnection) after = share (fixture);
  say_sealed (after, ONE, 0, NULL);
  say_sealed (after, TWO, 0, NULL);
  wait_until (n_texts (fixture->A) == 1);
  g_assert_cmpuint (counts_of_a (fixture)->repeated, ==, 1);
}

/* More than may wait: the rest is refused at once; and of a receiver that nobody looks at, the
 * sender keeps what it does not take. */
static void
test_bounded (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *a = pair_by_words (fixture);
  for (guint i = 0; i < MAILBOX_DEVICE_MAX; i++)
    share_text (fixture, "x");
  g_assert_false (wait_future (wherry_client_share_text (fixture->B, a, "y", NULL), &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_INVALID);
  wait_until (n_texts (fixture->A) == MAILBOX_DEVICE_MAX);
  wait_until (n_waiting (fixture->B) == 0);
  share_text (fixture, "z");
  wait_until (is_on_disk (fixture, 1));
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, NULL), NULL), >, 0);
  g_assert_cmpuint (n_texts (fixture->A), ==, MAILBOX_DEVICE_MAX);
  wherry_client_dismiss_text (fixture->A, text_at (fixture->A, 0));
  messages_wake (WHERRY_NODE (fixture->B)->messages, wherry_client_get_id (fixture->A));
  wait_until (n_waiting (fixture->B) == 0);
  g_assert_cmpstr (wherry_received_text_get_text (text_at (fixture->A, MAILBOX_DEVICE_MAX - 1)), ==,
                   "z");
}

/* What waits for a device that is forgotten is given up, on the disk too. */
static void
test_unpaired_gives_up (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *a = pair_by_words (fixture);
  two_nodes_close_one (fixture, 0);
  DexFuture *sharing = wherry_client_share_text (fixture->B, a, "x", NULL);
  wait_until (is_on_disk (fixture, 1));
  g_assert_true (wait_future (wherry_client_unpair (fixture->B, a), &error));
  g_assert_false (wait_future (sharing, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_OFFLINE);
  two_nodes_close_one (fixture, 1);
  two_nodes_open_one (fixture, 1);
  g_assert_cmpuint (n_waiting (fixture->B), ==, 0);
}

/* Bytes that no peer of ours seals end their stream; the connection goes on. */
static void
test_garbage (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *device = pair_by_words (fixture);
  g_autoptr (SecureConnection) peer = share (fixture);
  DexFuture *opening = quic_future_open_stream (peer->connection, false);
  g_assert_true (wait_future (dex_ref (opening), &error));
  g_autoptr (QuicStream) stream = g_value_dup_boxed (dex_future_get_value (opening, NULL));
  dex_unref (opening);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("{\"type\":\"unpaired\",\"id\":\"0\"}", 28);

  g_assert_true (wait_future (quic_future_send (stream, garbage), &error));
  quic_stream_finish (stream);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, device, NULL), &error), >, 0);
  g_assert_no_error (error);
  g_assert_true (quic_connection_is_open (peer->connection));
  g_assert_true (wherry_device_get_paired (device_of (fixture->A, fixture->B)));
}

static void
truncate_sealed (GByteArray *sealed)
{
  g_byte_array_set_size (sealed, sealed->len - 1);
}

static void
cut_to_nothing (GByteArray *sealed)
{
  g_byte_array_set_size (sealed, 0);
}

static void
flip_first (GByteArray *sealed)
{
  sealed->data[0] ^= 1;
}

static void
flip_last (GByteArray *sealed)
{
  sealed->data[sealed->len - 1] ^= 0x80;
}

/* What was cut, changed, or sealed for another stream (as all that is replayed or put in another
 * order is) is refused and counted, and the connection goes on. */
static void
test_spoilt (TwoNodes *fixture, gconstpointer data)
{
  static const Spoil spoils[] = { truncate_sealed, cut_to_nothing, flip_first, flip_last };
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, true);
  g_autoptr (SecureConnection) peer = share (fixture);
  for (size_t i = 0; i < G_N_ELEMENTS (spoils); i++)
    {
      say_sealed (peer, ONE, 0, spoils[i]);
      wait_until (counts_of_a (fixture)->refused == i + 1);
    }
  say_sealed (peer, ONE, 4, NULL); /* for the next stream of its kind */
  wait_until (counts_of_a (fixture)->refused == G_N_ELEMENTS (spoils) + 1);
  say_sealed (peer, "{\"type\":\"text-share\"}", 0, NULL);
  wait_until (counts_of_a (fixture)->refused == G_N_ELEMENTS (spoils) + 2);
  g_assert_cmpint (taker.texts, ==, 0);
  say_sealed (peer, ONE, 0, NULL);
  wait_until (taker.texts == 1);
  g_assert_true (quic_connection_is_open (peer->connection));
  taker_clear (&taker, fixture);
}

/* A message that is said again with new seals is acknowledged again, and taken once; one that comes
 * while the first is being taken, too. */
static void
test_repeated (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, true);
  g_autoptr (SecureConnection) peer = share (fixture);
  say_sealed (peer, ONE, 0, NULL);
  say_sealed (peer, ONE, 0, NULL);
  say_sealed (peer, TWO, 0, NULL);
  say_sealed (peer, ONE, 0, NULL);
  wait_until (taker.texts == 2 && counts_of_a (fixture)->repeated == 2);
  wait_until (taker.taken == 2);
  g_assert_cmpuint (counts_of_a (fixture)->refused, ==, 0);
  taker_clear (&taker, fixture);
}

/* A type of a later version, and one that nobody here takes. */
static void
test_unknown (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (SecureConnection) peer = share (fixture);
  say_sealed (peer, "{\"type\":\"song\",\"id\":\"01010101010101010101010101010101\"}", 0, NULL);
  wait_until (counts_of_a (fixture)->unknown == 1);
  say_sealed (peer,
              "{\"type\":\"library-announce\",\"id\":\"01010101010101010101010101010101\","
              "\"libraries\":[]}",
              0, NULL);
  wait_until (counts_of_a (fixture)->unknown == 2);
  g_assert_true (quic_connection_is_open (peer->connection));
}

static bool
take_library_cb (SecureConnection *peer, const Message *message, gpointer user_data, GError **error)
{
  *(uint32_t *) user_data = message->announce.n_libraries;
  return true;
}

static void
test_routed (TwoNodes *fixture, gconstpointer data)
{
  uint32_t n_libraries = 0;
  pair_by_words (fixture);
  messages_handle (WHERRY_NODE (fixture->A)->messages,
                   &(MessageHandler) { .type = MESSAGE_LIBRARY_ANNOUNCE,
                                       .take = take_library_cb,
                                       .user_data = &n_libraries });
  g_autoptr (SecureConnection) peer = share (fixture);
  say_sealed (peer,
              "{\"type\":\"library-announce\",\"id\":\"01010101010101010101010101010101\","
              "\"libraries\":[{\"library_id\":\"0b5c7a4e-1f2d-4c3b-8a69-7f0e1d2c3b4a\","
              "\"name\":\"Photos\",\"files\":1,\"bytes\":2}]}",
              0, NULL);
  wait_until (n_libraries == 1);
  g_assert_cmpuint (counts_of_a (fixture)->unknown, ==, 0);
}

/* Nobody introduces another device. */
static void
test_introduced_as_another (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (SecureConnection) peer = share (fixture);
  g_autofree char *other = wherry_client_dup_id (fixture->A);
  g_autofree char *own = wherry_client_dup_id (fixture->B);
  for (int honest = 0; honest <= 1; honest++)
    {
      g_autofree char *json = g_strdup_printf (
          "{\"type\":\"device-info\",\"id\":\"01010101010101010101010101010101\",\"device\":{"
          "\"device_id\":\"0b5c7a4e-1f2d-4c3b-8a69-7f0e1d2c3b4a\",\"name\":\"Mallory\","
          "\"type\":\"server\",\"node_id\":\"%s\",\"version\":\"9\"}}",
          honest ? own : other);
      say_sealed (peer, json, 0, NULL);
      if (honest)
        wait_until (
            g_str_equal (wherry_device_get_name (device_of (fixture->A, fixture->B)), "Mallory"));
      else
        wait_until (counts_of_a (fixture)->refused == 1);
    }
  g_assert_cmpuint (counts_of_a (fixture)->refused, ==, 1);
}

/* Another connection of B with A. */
static SecureConnection *
dial (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  DexFuture *dialling = pool_dial (WHERRY_NODE (fixture->B)->pool,
                                   wherry_client_get_id (fixture->A), MESSAGES_ALPN, NULL);
  g_assert_true (wait_future (dex_ref (dialling), &error));
  SecureConnection *peer = g_value_dup_boxed (dex_future_get_value (dialling, NULL));
  dex_unref (dialling);
  return peer;
}

/* A message that has begun with @len bytes and does not end. */
static QuicStream *
begin_message (SecureConnection *peer, size_t len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (len), len);
  DexFuture *opening = quic_future_open_stream (peer->connection, false);
  g_assert_true (wait_future (dex_ref (opening), &error));
  QuicStream *stream = g_value_dup_boxed (dex_future_get_value (opening, NULL));
  dex_unref (opening);
  g_assert_true (wait_future (quic_future_send (stream, bytes), &error));
  return stream;
}

static bool
is_refused (gpointer stream)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;
  bool sent = wait_future (quic_future_send (stream, bytes), &error);
  if (!sent)
    g_assert_error (error, QUIC_ERROR, QUIC_ERROR_RESET);
  return !sent;
}

/* What is begun and not ended is bounded for the device, however many connections it uses; and the
 * bound is a matter between it and its own messages. */
static void
test_unfinished (TwoNodes *fixture, gconstpointer data)
{
  size_t len = GPOINTER_TO_SIZE (data), room = MIN (8, 2 * 1024 * 1024 / len);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) quic_stream_unref);
  WherryDevice *device = pair_by_words (fixture);
  g_autoptr (SecureConnection) first = share (fixture);
  g_autoptr (SecureConnection) second = dial (fixture);

  for (size_t i = 0; i <= room; i++)
    g_ptr_array_add (streams, begin_message (i % 2 ? second : first, len));
  guint at = 0; /* whichever comes last there */
  while (!is_refused (streams->pdata[at]))
    at = (at + 1) % streams->len;
  g_ptr_array_remove_index (streams, at);
  for (guint i = 0; i < streams->len; i++)
    g_assert_false (is_refused (streams->pdata[i]));
  g_ptr_array_set_size (streams, 0);
  while (wait_int64 (wherry_client_ping (fixture->B, device, NULL), &error) < 0)
    g_clear_error (&error);
  g_assert_true (quic_connection_is_open (first->connection));
}

#define TEST_OF(name, data, func)                                                                  \
  g_test_add ("/messages/" name, TwoNodes, data, two_nodes_start, func, two_nodes_stop)
#define TEST(name, func) TEST_OF (name, NULL, func)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("acknowledged", test_acknowledged);
  TEST ("unpaired-and-paired-anew", test_unpaired_and_paired_anew);
  TEST ("across-reconnect", test_across_reconnect);
  TEST_OF ("not-taken/text", GINT_TO_POINTER (MESSAGE_TEXT_SHARE), test_not_taken);
  TEST_OF ("not-taken/unpaired", GINT_TO_POINTER (MESSAGE_UNPAIRED), test_not_taken);
  TEST ("shared", test_shared);
  TEST ("across-restarts", test_across_restarts);
  TEST ("repeated-after-restart", test_repeated_after_restart);
  TEST ("bounded", test_bounded);
  TEST ("unpaired-gives-up", test_unpaired_gives_up);
  TEST ("garbage", test_garbage);
  TEST ("spoilt", test_spoilt);
  TEST ("repeated", test_repeated);
  TEST ("unknown", test_unknown);
  TEST ("routed", test_routed);
  TEST ("introduced-as-another", test_introduced_as_another);
  TEST_OF ("unfinished/number", GSIZE_TO_POINTER (16), test_unfinished);
  TEST_OF ("unfinished/bytes", GSIZE_TO_POINTER (1000 * 1000), test_unfinished);
  return g_test_run ();
}
