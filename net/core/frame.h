/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records on a byte stream: a header that tells how many bytes follow it, and these. The usual
 * header is a 4-byte big-endian length. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

#define FRAME_HEADER_LEN  4
#define FRAME_PAYLOAD_MAX (1024 * 1024) /* bytes; a sealed payload counts with its tag */

typedef enum
{
  FRAME_ERROR_EMPTY,     /* a length of zero */
  FRAME_ERROR_TOO_LARGE, /* a length over the reader's maximum */
  FRAME_ERROR_TRUNCATED, /* the stream ended inside a record */
} FrameError;

#define FRAME_ERROR (frame_error_quark ())
GQuark frame_error_quark (void);

typedef enum
{
  FRAME_READY, /* a payload was given out */
  FRAME_MORE,  /* feed more bytes */
  FRAME_BAD,   /* error is set; the reader stays in this state */
} FrameStatus;

/** A kind of records. */
typedef struct
{
  size_t header_len;
  size_t (*payload_len) (const uint8_t *header);
  bool whole; /* the header is given out in front of its payload, which may be empty */
} FrameFormat;

/** Cuts a byte stream into payloads. Holds what was fed and not yet given out: at most one record
 * and one feed, when frame_reader_next() is called until FRAME_MORE after each feed. */
typedef struct
{
  GByteArray *buffer; /* (owned) */
  size_t taken;       /* bytes at the front that were given out */
  const FrameFormat *format;
  size_t max;
  bool bad;
} FrameReader;

/** @max: the largest payload that is accepted, 1 to FRAME_PAYLOAD_MAX. */
void frame_reader_init (FrameReader *reader, size_t max);
/** The same for records of @format, which is static. */
void frame_reader_init_format (FrameReader *reader, const FrameFormat *format, size_t max);
/** Wipes and frees. */
void frame_reader_clear (FrameReader *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FrameReader, frame_reader_clear)

/** Copies @data. */
void frame_reader_feed (FrameReader *reader, const uint8_t *data, size_t len);
/** The next whole payload; @payload is borrowed until the next call on @reader. A bad length is
 * found as soon as its header is there, before any of the payload. */
FrameStatus frame_reader_next (FrameReader *reader, const uint8_t **payload, size_t *len,
                               GError **error);
/** To be called at the end of the stream: FRAME_ERROR_TRUNCATED when bytes of an unfinished
 * record are left. */
bool frame_reader_end (const FrameReader *reader, GError **error);

/** Appends header and payload to @out; @len is 1 to FRAME_PAYLOAD_MAX. */
void frame_append (GByteArray *out, const uint8_t *payload, size_t len);
