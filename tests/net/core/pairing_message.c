/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing_message.h"

#include <glib.h>
#include <string.h>

static const DeviceInfo info = {
  .device_id = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
  .name = "Küche",
  .type = DEVICE_TABLET,
  .node_id = { { 1, 2, 3 } },
  .version = "0.1.0",
};

/* One message of each kind, its fields filled with different bytes. */
static PairingMessage
sample (PairingMessageType type)
{
  PairingMessage message = { 0 };
  memset ((uint8_t *) &message, 0x5a, sizeof message);
  message.type = type;
  switch (type)
    {
    case PAIRING_MESSAGE_REQUEST:
      message.request.mode = PAIRING_MODE_LINK;
      message.request.info = info;
      break;
    case PAIRING_MESSAGE_CHALLENGE:
      message.challenge.info = info;
      message.challenge.attempts_left = 2;
      break;
    case PAIRING_MESSAGE_ABORT:
      message.abort.reason = PAIRING_REASON_DECLINED;
      break;
    case PAIRING_MESSAGE_RESPONSE:
    case PAIRING_MESSAGE_COMPLETE:
    default:
      break;
    }
  return message;
}

static GByteArray *
frame_of (PairingMessageType type)
{
  PairingMessage message = sample (type);
  GByteArray *frame = g_byte_array_new ();
  pairing_message_write (&message, frame);
  return frame;
}

static void
test_round_trip (void)
{
  for (int type = PAIRING_MESSAGE_REQUEST; type <= PAIRING_MESSAGE_ABORT; type++)
    {
      g_autoptr (GByteArray) frame = frame_of ((PairingMessageType) type);
      g_autoptr (GByteArray) again = g_byte_array_new ();
      g_assert_cmpint (pairing_frame_payload_len (frame->data), ==,
                       frame->len - PAIRING_FRAME_HEADER_LEN);
      PairingMessage parsed;
      g_assert_cmpint (pairing_message_parse (&parsed, frame->data, frame->len), ==,
                       PAIRING_REASON_NONE);
      g_assert_cmpint (parsed.type, ==, type);
      pairing_message_write (&parsed, again);
      g_assert_cmpmem (again->data, again->len, frame->data, frame->len);
    }
}

static void
test_layout (void)
{
  static const uint8_t abort_frame[] = { 5, 1, 0, 1, PAIRING_REASON_WRONG_CODE };
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  g_autoptr (GByteArray) request = frame_of (PAIRING_MESSAGE_REQUEST);
  static const uint8_t start[] = { 1, 1, 0, 0x94, PAIRING_MODE_LINK, 36, 'f', '8' };
  pairing_abort_write (PAIRING_REASON_WRONG_CODE, frame);
  g_assert_cmpmem (frame->data, frame->len, abort_frame, sizeof abort_frame);
  g_assert_cmpmem (request->data, sizeof start, start, sizeof start);
}

/* Every prefix, and one byte more, of every message. */
static void
test_wrong_length (void)
{
  for (int type = PAIRING_MESSAGE_REQUEST; type <= PAIRING_MESSAGE_ABORT; type++)
    {
      g_autoptr (GByteArray) frame = frame_of ((PairingMessageType) type);
      guint full = frame->len;
      g_byte_array_append (frame, (const uint8_t *) "", 1);
      for (guint len = 0; len <= full + 1; len++)
        {
          PairingMessage parsed;
          g_assert_cmpint (pairing_message_parse (&parsed, frame->data, len), ==,
                           len == full ? PAIRING_REASON_NONE : PAIRING_REASON_PROTOCOL);
          if (len == full || len < PAIRING_FRAME_HEADER_LEN)
            continue;
          /* also when the header says the same */
          g_autofree uint8_t *copy = g_memdup2 (frame->data, len);
          copy[2] = (uint8_t) ((len - PAIRING_FRAME_HEADER_LEN) >> 8);
          copy[3] = (uint8_t) (len - PAIRING_FRAME_HEADER_LEN);
          g_assert_cmpint (pairing_message_parse (&parsed, copy, len), ==, PAIRING_REASON_PROTOCOL);
        }
    }
}

static void
test_oversized (void)
{
  static const uint8_t largest[] = { 1, 1, PAIRING_PAYLOAD_MAX >> 8, PAIRING_PAYLOAD_MAX & 0xff };
  static const uint8_t larger[] = { 1, 1, (PAIRING_PAYLOAD_MAX + 1) >> 8,
                                    (PAIRING_PAYLOAD_MAX + 1) & 0xff };
  static const uint8_t huge[] = { 1, 1, 0xff, 0xff };
  g_assert_cmpint (pairing_frame_payload_len (largest), ==, PAIRING_PAYLOAD_MAX);
  g_assert_cmpint (pairing_frame_payload_len (larger), ==, -1);
  g_assert_cmpint (pairing_frame_payload_len (huge), ==, -1);
}

static PairingReason
parse_with_byte (PairingMessageType type, size_t at, uint8_t value)
{
  g_autoptr (GByteArray) frame = frame_of (type);
  frame->data[at] = value;
  PairingMessage parsed;
  return pairing_message_parse (&parsed, frame->data, frame->len);
}

static void
test_refused_fields (void)
{
  /* offsets in the request: header 4, mode 1, id length 1, id 36, name length 1, name 6 (the ü
   * has two bytes), type, node id 32 */
  enum
  {
    MODE = 4,
    ID = 6,
    NAME_LEN = 42,
    NAME = 43,
    TYPE = 49,
    VERSION = 83
  };

  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, 0, 0), ==, PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, 0, 6), ==, PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, 0, 2), ==, PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, MODE, 2), ==, PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, ID, 'F'), ==, PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, NAME_LEN, 65), ==,
                   PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, NAME, 0), ==, PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, TYPE, DEVICE_TYPES), ==,
                   PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, VERSION, ' '), ==,
                   PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_ABORT, 4, 0), ==, PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_ABORT, 4, PAIRING_WIRE_REASONS), ==,
                   PAIRING_REASON_PROTOCOL);
}

static void
test_version (void)
{
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_REQUEST, 1, 2), ==, PAIRING_REASON_VERSION);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_COMPLETE, 1, 0), ==, PAIRING_REASON_VERSION);
  g_assert_cmpint (parse_with_byte (PAIRING_MESSAGE_ABORT, 1, 2), ==, PAIRING_REASON_NONE);
}

/* The name is shown to people before anything is proved. */
static void
test_name_is_sanitised (void)
{
  PairingMessage message = sample (PAIRING_MESSAGE_REQUEST);
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  g_strlcpy (message.request.info.name, "\u202eevil\x1b[0m \xff", DEVICE_NAME_MAX);
  pairing_message_write (&message, frame);
  PairingMessage parsed;
  g_assert_cmpint (pairing_message_parse (&parsed, frame->data, frame->len), ==,
                   PAIRING_REASON_NONE);
  g_assert_cmpstr (parsed.request.info.name, ==, "evil[0m \ufffd");
}

static void
test_reason_names (void)
{
  g_assert_cmpstr (pairing_reason_name (PAIRING_REASON_WRONG_CODE), ==, "wrong-code");
  g_assert_cmpstr (pairing_reason_name (PAIRING_REASON_TOO_MANY_ATTEMPTS), ==, "too-many-attempts");
  for (int i = 0; i < PAIRING_REASONS; i++)
    g_assert_nonnull (pairing_reason_name ((PairingReason) i));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pairing-message/round-trip", test_round_trip);
  g_test_add_func ("/pairing-message/layout", test_layout);
  g_test_add_func ("/pairing-message/wrong-length", test_wrong_length);
  g_test_add_func ("/pairing-message/oversized", test_oversized);
  g_test_add_func ("/pairing-message/refused-fields", test_refused_fields);
  g_test_add_func ("/pairing-message/version", test_version);
  g_test_add_func ("/pairing-message/name-is-sanitised", test_name_is_sanitised);
  g_test_add_func ("/pairing-message/reason-names", test_reason_names);
  return g_test_run ();
}
