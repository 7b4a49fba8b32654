/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing_message.h"

#include <string.h>

static const char *const reason_names[PAIRING_REASONS] = {
  [PAIRING_REASON_NONE] = "none",
  [PAIRING_REASON_WRONG_CODE] = "wrong-code",
  [PAIRING_REASON_EXPIRED] = "expired",
  [PAIRING_REASON_CANCELLED] = "cancelled",
  [PAIRING_REASON_DECLINED] = "declined",
  [PAIRING_REASON_TOO_MANY_ATTEMPTS] = "too-many-attempts",
  [PAIRING_REASON_UNREACHABLE] = "unreachable",
  [PAIRING_REASON_VERSION] = "version",
  [PAIRING_REASON_SELF] = "self",
  [PAIRING_REASON_BUSY] = "busy",
  [PAIRING_REASON_PROTOCOL] = "protocol",
  [PAIRING_REASON_STORAGE] = "storage",
  [PAIRING_REASON_NO_CODE] = "no-code",
  [PAIRING_REASON_DECLINED_HERE] = "declined-here",
};

const char *
pairing_reason_name (PairingReason reason)
{
  return reason_names[reason];
}

/* What is left of a payload. Each take_ function returns false, and takes nothing, when it is
 * not there. */
typedef struct
{
  const uint8_t *data;
  size_t len;
} Reader;

static bool
take_bytes (Reader *reader, void *dest, size_t len)
{
  if (reader->len < len)
    return false;
  memcpy (dest, reader->data, len);
  reader->data += len;
  reader->len -= len;
  return true;
}

/* A byte below @limit. */
static bool
take_number (Reader *reader, uint8_t *number, unsigned limit)
{
  return take_bytes (reader, number, 1) && *number < limit;
}

/* A text of at most @max bytes, NUL-terminated in @text and free of other NULs. */
static bool
take_text (Reader *reader, char *text, size_t max)
{
  uint8_t len;
  if (!take_number (reader, &len, (unsigned) max + 1) || !take_bytes (reader, text, len))
    return false;
  text[len] = '\0';
  return !memchr (text, '\0', len);
}

static bool
take_info (Reader *reader, DeviceInfo *info)
{
  char name[DEVICE_NAME_MAX + 1];
  uint8_t type;
  if (!take_text (reader, info->device_id, DEVICE_ID_LEN) ||
      !device_id_is_valid (info->device_id) || !take_text (reader, name, DEVICE_NAME_MAX) ||
      !take_number (reader, &type, DEVICE_TYPES) ||
      !take_bytes (reader, info->node_id.bytes, NODE_ID_LEN) ||
      !take_text (reader, info->version, DEVICE_VERSION_MAX) ||
      !device_version_is_valid (info->version))
    return false;

  device_name_sanitize (info->name, name, -1);
  info->type = (DeviceType) type;
  return true;
}

static bool
take_request (Reader *reader, PairingRequest *request)
{
  uint8_t mode;
  if (!take_number (reader, &mode, PAIRING_MODE_LINK + 1))
    return false;
  request->mode = (PairingMode) mode;
  return take_info (reader, &request->info) &&
         take_bytes (reader, request->share, PAIRING_SHARE_LEN) &&
         take_bytes (reader, request->nonce, PAIRING_NONCE_LEN);
}

static bool
take_challenge (Reader *reader, PairingChallenge *challenge)
{
  return take_info (reader, &challenge->info) &&
         take_bytes (reader, challenge->share, PAIRING_SHARE_LEN) &&
         take_bytes (reader, challenge->challenge, PAIRING_NONCE_LEN) &&
         take_bytes (reader, &challenge->attempts_left, 1) &&
         take_bytes (reader, challenge->confirm, PAIRING_CONFIRM_LEN);
}

static bool
take_response (Reader *reader, PairingResponse *response)
{
  return take_bytes (reader, response->confirm, PAIRING_CONFIRM_LEN) &&
         take_bytes (reader, response->signature, NODE_SIGNATURE_LEN);
}

static bool
take_abort (Reader *reader, PairingAbort *abort)
{
  uint8_t reason;
  if (!take_number (reader, &reason, PAIRING_WIRE_REASONS) || reason == PAIRING_REASON_NONE)
    return false;
  abort->reason = (PairingReason) reason;
  return true;
}

static bool
take_payload (Reader *reader, PairingMessage *message)
{
  switch (message->type)
    {
    case PAIRING_MESSAGE_REQUEST:
      return take_request (reader, &message->request);
    case PAIRING_MESSAGE_CHALLENGE:
      return take_challenge (reader, &message->challenge);
    case PAIRING_MESSAGE_RESPONSE:
      return take_response (reader, &message->response);
    case PAIRING_MESSAGE_COMPLETE:
      return take_bytes (reader, message->complete.signature, NODE_SIGNATURE_LEN);
    case PAIRING_MESSAGE_ABORT:
      return take_abort (reader, &message->abort);
    default:
      return false;
    }
}

static size_t
payload_len (const uint8_t *header)
{
  return (size_t) header[2] << 8 | header[3];
}

const FrameFormat pairing_frame_format = { .header_len = PAIRING_FRAME_HEADER_LEN,
                                           .payload_len = payload_len,
                                           .whole = true };

int
pairing_frame_payload_len (const uint8_t header[static PAIRING_FRAME_HEADER_LEN])
{
  size_t len = payload_len (header);
  return len <= PAIRING_PAYLOAD_MAX ? (int) len : -1;
}

PairingReason
pairing_message_parse (PairingMessage *message, const uint8_t *frame, size_t len)
{
  PairingMessage parsed = { 0 };
  if (len < PAIRING_FRAME_HEADER_LEN ||
      pairing_frame_payload_len (frame) != (int) (len - PAIRING_FRAME_HEADER_LEN))
    return PAIRING_REASON_PROTOCOL;

  parsed.type = (PairingMessageType) frame[0];
  if (frame[1] != PAIRING_VERSION && parsed.type != PAIRING_MESSAGE_ABORT)
    return PAIRING_REASON_VERSION;

  Reader reader = { frame + PAIRING_FRAME_HEADER_LEN, len - PAIRING_FRAME_HEADER_LEN };
  if (!take_payload (&reader, &parsed) || reader.len > 0)
    return PAIRING_REASON_PROTOCOL;

  *message = parsed;
  return PAIRING_REASON_NONE;
}

static void
put_number (GByteArray *out, uint8_t number)
{
  g_byte_array_append (out, &number, 1);
}

static void
put_text (GByteArray *out, const char *text)
{
  size_t len = strlen (text);
  put_number (out, (uint8_t) len);
  g_byte_array_append (out, (const uint8_t *) text, (guint) len);
}

static void
put_info (GByteArray *out, const DeviceInfo *info)
{
  put_text (out, info->device_id);
  put_text (out, info->name);
  put_number (out, (uint8_t) info->type);
  g_byte_array_append (out, info->node_id.bytes, NODE_ID_LEN);
  put_text (out, info->version);
}

static void
put_payload (GByteArray *out, const PairingMessage *message)
{
  switch (message->type)
    {
    case PAIRING_MESSAGE_REQUEST:
      put_number (out, (uint8_t) message->request.mode);
      put_info (out, &message->request.info);
      g_byte_array_append (out, message->request.share, PAIRING_SHARE_LEN);
      g_byte_array_append (out, message->request.nonce, PAIRING_NONCE_LEN);
      break;
    case PAIRING_MESSAGE_CHALLENGE:
      put_info (out, &message->challenge.info);
      g_byte_array_append (out, message->challenge.share, PAIRING_SHARE_LEN);
      g_byte_array_append (out, message->challenge.challenge, PAIRING_NONCE_LEN);
      put_number (out, message->challenge.attempts_left);
      g_byte_array_append (out, message->challenge.confirm, PAIRING_CONFIRM_LEN);
      break;
    case PAIRING_MESSAGE_RESPONSE:
      g_byte_array_append (out, message->response.confirm, PAIRING_CONFIRM_LEN);
      g_byte_array_append (out, message->response.signature, NODE_SIGNATURE_LEN);
      break;
    case PAIRING_MESSAGE_COMPLETE:
      g_byte_array_append (out, message->complete.signature, NODE_SIGNATURE_LEN);
      break;
    case PAIRING_MESSAGE_ABORT:
      put_number (out, (uint8_t) message->abort.reason);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
pairing_message_write (const PairingMessage *message, GByteArray *out)
{
  uint8_t header[PAIRING_FRAME_HEADER_LEN] = { (uint8_t) message->type, PAIRING_VERSION };
  guint start = out->len;
  g_byte_array_append (out, header, sizeof header);
  put_payload (out, message);

  guint payload_len = out->len - start - PAIRING_FRAME_HEADER_LEN;
  out->data[start + 2] = (uint8_t) (payload_len >> 8);
  out->data[start + 3] = (uint8_t) payload_len;
}

void
pairing_abort_write (PairingReason reason, GByteArray *out)
{
  pairing_message_write (&(PairingMessage) { .type = PAIRING_MESSAGE_ABORT, .abort = { reason } },
                         out);
}
