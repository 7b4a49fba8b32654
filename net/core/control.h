/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control messages of a transfer (ALPN wherry/transfer/1): one bidi stream per transfer, opened
 * by the sender of the files; each frame is one JSON object, sealed under the session keys by
 * the caller.
 *
 * docs/protocol.md has their fields. FILE_REQUEST, FILE_DONE, PROGRESS, PAUSE, RESUME and what an
 * accept says of resuming have their place in the format and are refused or ignored so far.
 * The legal order is in control_state.h. */
#pragma once

#include "net/core/offer.h"

#define CONTROL_DIGEST_LEN   32   /* BLAKE3 */
#define CONTROL_RESUME_MAX   4096 /* entries in one accept; others resume by file-request */
#define CONTROL_VERIFIED_MAX 1024 /* entries in one verified */
#define CONTROL_SKIPPED_MAX  10   /* paths in one done */

typedef enum
{
  CONTROL_ERROR_INVALID,      /* malformed: end the stream with QUIC_CODE_PROTOCOL */
  CONTROL_ERROR_UNKNOWN_TYPE, /* of a later version: answer CONTROL_UNSUPPORTED and go on */
  CONTROL_ERROR_UNEXPECTED,   /* not at this point: end the stream with QUIC_CODE_PROTOCOL */
  CONTROL_ERROR_LIMIT, /* more than we keep for a peer: end the connection with QUIC_CODE_LIMIT */
} ControlError;

#define CONTROL_ERROR (control_error_quark ())
GQuark control_error_quark (void);

typedef enum
{
  CONTROL_OFFER, /* offer or offer-entries */
  CONTROL_ACCEPT,
  CONTROL_DECLINE,
  CONTROL_FILE_REQUEST,
  CONTROL_FILE_DONE,
  CONTROL_VERIFIED,
  CONTROL_CHECKSUM_MISMATCH,
  CONTROL_ENTRY_FAILED,
  CONTROL_PROGRESS,
  CONTROL_PAUSE,
  CONTROL_RESUME,
  CONTROL_CANCEL,
  CONTROL_UNSUPPORTED,
  CONTROL_DONE,
} ControlType;
#define CONTROL_TYPE_COUNT (CONTROL_DONE + 1)

/** Why something was declined, cancelled or failed. A name of a later version parses as OTHER. */
typedef enum
{
  CONTROL_REASON_OTHER,
  CONTROL_REASON_PERSON,   /* somebody pressed the button */
  CONTROL_REASON_POLICY,   /* this device accepts nothing now */
  CONTROL_REASON_EXPIRED,  /* nobody answered the offer */
  CONTROL_REASON_BUSY,     /* too much is offered already: try again later */
  CONTROL_REASON_SHUTDOWN, /* the program ends */
  CONTROL_REASON_NO_SPACE,
  CONTROL_REASON_WRITE,       /* the receiver cannot write there */
  CONTROL_REASON_READ,        /* the sender cannot read it */
  CONTROL_REASON_VANISHED,    /* gone since the offer */
  CONTROL_REASON_CHANGED,     /* grew, shrank or was replaced while being sent */
  CONTROL_REASON_NOT_REGULAR, /* became a link, FIFO, device … */
  CONTROL_REASON_NAME,        /* the receiver's filesystem does not take this name */
  CONTROL_REASON_NAME_TOO_LONG,
  CONTROL_REASON_PERMISSION, /* the receiver may not write there */
  CONTROL_REASON_EXISTS,     /* something else has the name, and there is no other */
  CONTROL_REASON_READ_ONLY,  /* the receiver's disk is */
  CONTROL_REASON_TOO_LARGE,  /* the receiver's disk takes no file of this size */
  CONTROL_REASON_IO,         /* the receiver's disk reports an error */
  CONTROL_REASON_CHECKSUM,   /* arrived differently, repeatedly */
  CONTROL_REASON_UNSUPPORTED,
  CONTROL_REASON_PROTOCOL,
} ControlReason;
#define CONTROL_REASON_COUNT (CONTROL_REASON_PROTOCOL + 1)

/** A file of which the receiver has the first @from bytes with this BLAKE3; the digest counts
 * only when @from > 0. */
typedef struct
{
  uint32_t entry_id;
  uint64_t from;
  uint8_t digest[CONTROL_DIGEST_LEN];
} ControlResume;

/** Something that the sender left out of the offer. */
typedef struct
{
  char *path; /* (owned) passes path_check_entry() */
  ControlReason reason;
} ControlSkipped;

typedef struct
{
  ControlType type;
  union
  {
    struct
    {
      bool last;
    } offer; /* the entries went into the Offer */
    struct
    {
      bool compress;         /* consents to gzip chunks; false in this version */
      ControlResume *resume; /* (owned) */
      uint32_t n_resume;
    } accept;
    struct
    {
      ControlReason reason;
    } decline, cancel;
    ControlResume request; /* FILE_REQUEST */
    struct
    {
      uint32_t entry_id;
      uint8_t digest[CONTROL_DIGEST_LEN];
    } file_done;
    struct
    {
      uint32_t *entries; /* (owned) */
      uint32_t n_entries;
    } verified;
    struct
    {
      uint32_t entry_id;
    } mismatch;
    struct
    {
      uint32_t entry_id;
      ControlReason reason;
    } failed;
    struct
    {
      uint64_t bytes;
      uint64_t files;
    } progress;
    struct
    {
      char request[32];
    } unsupported; /* a type's name: [a-z-] only */
    struct
    {
      uint32_t files;
      uint32_t failed;
      uint32_t skipped;              /* by the sender; the receiver skips nothing */
      ControlSkipped *first_skipped; /* (owned) */
      uint32_t n_first_skipped;
    } done;
  };
} TransferControl;

/** Frees what @control owns. */
void transfer_control_clear (TransferControl *control);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TransferControl, transfer_control_clear)

/** "file-request", … as on the wire. */
const char *control_type_name (ControlType type);

/** Appends the JSON to @json; offers go through offer_encode_frame(). */
void control_encode (const TransferControl *control, GString *json);
/** All or nothing: @control is set only on success, and then cleared by the caller. Entries of an
 * offer go into @offer (nullable: then an offer is CONTROL_ERROR_UNEXPECTED); OFFER_ERROR when
 * it is bad. Entry ids are not yet checked against an offer: offer_get_entry() says whether
 * there is one. @unknown (nullable): with CONTROL_ERROR_UNKNOWN_TYPE, receives the
 * CONTROL_UNSUPPORTED to answer with. */
bool control_parse (TransferControl *control, Offer *offer, const uint8_t *json, size_t len,
                    TransferControl *unknown, GError **error);
