/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the records of core/chunk to a data stream: sealed in place, packed into buffers that go
 * to QUIC without a copy and come back when they are acknowledged. Memory is bounded by
 * QUIC_STREAM_SEND_HIGH and two buffers more, whatever is sent. For a worker thread: blocks when
 * the network is slower than the disk. */
#pragma once

#include "net/core/chunk.h"
#include "net/quic/stream.h"

G_BEGIN_DECLS

typedef struct RecordWriter RecordWriter;

/** Queues the stream header. @transfer_key: CHUNK_KEY_LEN bytes of sodium memory, borrowed; NULL
 * leaves the stream unsealed. */
RecordWriter *record_writer_new (QuicStream *stream, const TransferId *id,
                                 const uint8_t *transfer_key, GCancellable *cancellable);
/** Whatever was not flushed is dropped. */
void record_writer_free (RecordWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RecordWriter, record_writer_free)

/** Room for the content of the next record: *@content holds @max bytes, at most CHUNK_SIZE_DEFAULT,
 * until record_writer_put(). May flush. */
bool record_writer_reserve (RecordWriter *self, size_t max, uint8_t **content, GError **error);
/** The record is complete: its content lies in the reserved room. @digest: with CHUNK_LAST, the
 * BLAKE3 of the file. The order of records is the caller's to keep: a wrong one is an error of the
 * program. */
void record_writer_put (RecordWriter *self, const ChunkHeader *header,
                        const uint8_t digest[CHUNK_DIGEST_LEN]);
/** Sends what is packed so far. */
bool record_writer_flush (RecordWriter *self, GError **error);

G_END_DECLS
