/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stranger's frames against both sides of a pairing: whatever arrives in whatever order,
 * nobody who does not know the code gets past it. The input is a sequence of frames, each
 * preceded by a byte that says whom it goes to, or what else happens. */
#include "net/core/pairing.h"

#define NOW (1000 * G_USEC_PER_SEC)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

static NodeIdentity *
identity_of (uint8_t number)
{
  uint8_t seed[NODE_SEED_LEN] = { number };
  return node_identity_from_seed (seed);
}

static void
step (Pairing *pairing, uint8_t action, const uint8_t *frame, size_t len, GByteArray *out)
{
  switch (action >> 1 & 7)
    {
    case 0:
      pairing_confirm (pairing, true, NOW, out);
      break;
    case 1:
      pairing_stored (pairing, true, NOW, out);
      break;
    case 2:
      pairing_receive_end (pairing, len & 1);
      break;
    case 3:
      pairing_tick (pairing, NOW + (int64_t) len * G_USEC_PER_SEC, out);
      break;
    default:
      pairing_receive (pairing, frame, len, NOW, out);
    }
  g_assert_null (pairing_get_root (pairing));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
  g_autoptr (NodeIdentity) us = identity_of (1);
  g_autoptr (NodeIdentity) stranger = identity_of (2);
  DeviceInfo info = { .device_id = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
                      .name = "x",
                      .version = "1" };
  g_autoptr (PairingCode) code = pairing_code_generate (NOW);
  g_autoptr (GByteArray) out = g_byte_array_new ();

  info.node_id = *node_identity_get_id (us);
  PairingChannel channel = { us, &info, *node_identity_get_id (stranger), "exporter" };
  g_autoptr (Pairing) initiator = pairing_new_initiator (code, &channel, NOW);
  g_autoptr (Pairing) joiner =
      pairing_new_joiner (PAIRING_MODE_WORDS, (const uint8_t *) "code", 4, &channel, NOW, out);

  while (len > PAIRING_FRAME_HEADER_LEN)
    {
      uint8_t action = *data;
      int payload_len = pairing_frame_payload_len (data + 1);
      size_t frame_len = PAIRING_FRAME_HEADER_LEN + (payload_len < 0 ? 0 : (size_t) payload_len);
      frame_len = MIN (frame_len, len - 1);
      step (action & 1 ? initiator : joiner, action, data + 1, frame_len, out);
      data += 1 + frame_len;
      len -= 1 + frame_len;
    }
  return 0;
}
