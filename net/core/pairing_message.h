/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of wherry/pairing/1, bytes <-> typed structs; docs/protocol.md, "Pairing", has the
 * bytes. */
#pragma once

#include "net/core/device_info.h"
#include "net/core/frame.h"

#define PAIRING_ALPN             "wherry/pairing/1"
#define PAIRING_VERSION          1
#define PAIRING_FRAME_HEADER_LEN 4
#define PAIRING_PAYLOAD_MAX      512
#define PAIRING_FRAME_MAX        (PAIRING_FRAME_HEADER_LEN + PAIRING_PAYLOAD_MAX)
#define PAIRING_SHARE_LEN        32
#define PAIRING_NONCE_LEN        32
#define PAIRING_CONFIRM_LEN      32

/** How a pairing ended; the numbers below PAIRING_WIRE_REASONS are those on the wire. */
typedef enum
{
  PAIRING_REASON_NONE = 0,
  PAIRING_REASON_WRONG_CODE = 1,
  PAIRING_REASON_EXPIRED = 2,
  PAIRING_REASON_CANCELLED = 3,
  PAIRING_REASON_DECLINED = 4, /* by the person at the other device */
  PAIRING_REASON_TOO_MANY_ATTEMPTS = 5,
  PAIRING_REASON_UNREACHABLE = 6, /* nobody answered, or the connection died */
  PAIRING_REASON_VERSION = 7,
  PAIRING_REASON_SELF = 8,
  /* another pairing with this device is running, or something refused the connection */
  PAIRING_REASON_BUSY = 9,
  PAIRING_REASON_PROTOCOL = 10, /* the other side broke the protocol */
  PAIRING_REASON_STORAGE = 11,  /* a disk refused */
  /* Never in an Abort: */
  /* the other device shows none: it closed with QUIC_CODE_NO_CODE */
  PAIRING_REASON_NO_CODE = 12,
  /* by the person at this device; the other one hears DECLINED */
  PAIRING_REASON_DECLINED_HERE = 13,
} PairingReason;

#define PAIRING_WIRE_REASONS (PAIRING_REASON_STORAGE + 1)
#define PAIRING_REASONS      (PAIRING_REASON_DECLINED_HERE + 1)

/** "none", "wrong-code", "expired", … as in the --json contract. */
const char *pairing_reason_name (PairingReason reason);

/** Which of a code's two secrets the joiner holds. */
typedef enum
{
  PAIRING_MODE_WORDS = 0,
  PAIRING_MODE_LINK = 1,
} PairingMode;

typedef enum
{
  PAIRING_MESSAGE_REQUEST = 1,
  PAIRING_MESSAGE_CHALLENGE = 2,
  PAIRING_MESSAGE_RESPONSE = 3,
  PAIRING_MESSAGE_COMPLETE = 4,
  PAIRING_MESSAGE_ABORT = 5,
} PairingMessageType;

typedef struct
{
  PairingMode mode;
  DeviceInfo info;
  uint8_t share[PAIRING_SHARE_LEN];
  uint8_t nonce[PAIRING_NONCE_LEN];
} PairingRequest;

typedef struct
{
  DeviceInfo info;
  uint8_t share[PAIRING_SHARE_LEN];
  uint8_t challenge[PAIRING_NONCE_LEN];
  uint8_t attempts_left; /* if this guess is wrong */
  uint8_t confirm[PAIRING_CONFIRM_LEN];
} PairingChallenge;

typedef struct
{
  uint8_t confirm[PAIRING_CONFIRM_LEN];
  uint8_t signature[NODE_SIGNATURE_LEN];
} PairingResponse;

typedef struct
{
  uint8_t signature[NODE_SIGNATURE_LEN];
} PairingComplete;

typedef struct
{
  PairingReason reason;
} PairingAbort;

typedef struct
{
  PairingMessageType type;
  union
  {
    PairingRequest request;
    PairingChallenge challenge;
    PairingResponse response;
    PairingComplete complete;
    PairingAbort abort;
  };
} PairingMessage;

/** For a FrameReader of at most PAIRING_PAYLOAD_MAX; it gives out whole frames. */
extern const FrameFormat pairing_frame_format;

/** How many bytes follow this header; -1 when there can be no such frame. */
int pairing_frame_payload_len (const uint8_t header[static PAIRING_FRAME_HEADER_LEN]);
/** Reads one whole frame (header and payload), all or nothing: NONE, or VERSION, or PROTOCOL. An
 * Abort is understood in any version. */
PairingReason pairing_message_parse (PairingMessage *message, const uint8_t *frame, size_t len);
/** Appends the frame of @message to @out. */
void pairing_message_write (const PairingMessage *message, GByteArray *out);
/** The same for an Abort: also what to answer when no code is shown (EXPIRED) or somebody asks
 * too often (TOO_MANY_ATTEMPTS). */
void pairing_abort_write (PairingReason reason, GByteArray *out);
