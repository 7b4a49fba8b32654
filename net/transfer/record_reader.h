/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the records of core/chunk from a data stream, in order and opened. For a worker thread:
 * blocks. */
#pragma once

#include "net/core/chunk.h"
#include "net/quic/stream.h"

G_BEGIN_DECLS

/** Beside CHUNK_ERROR: a record that its tag does not prove. */
#define RECORD_ERROR (record_error_quark ())
GQuark record_error_quark (void);

typedef struct RecordReader RecordReader;

/** @transfer_key: as for record_writer_new(); a stream that is sealed when it should not be, or the
 * reverse, is refused. */
RecordReader *record_reader_new (QuicStream *stream, const TransferId *id,
                                 const uint8_t *transfer_key, GCancellable *cancellable);
void record_reader_free (RecordReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RecordReader, record_reader_free)

/** @content: header->length bytes, and behind them the digest when the record is CHUNK_LAST; valid
 * until the next call. At the end of the stream between two files: true with *@content NULL. Every
 * other end, and everything else that core/chunk refuses, is a CHUNK_ERROR. */
bool record_reader_next (RecordReader *self, ChunkHeader *header, const uint8_t **content,
                         GError **error);

G_END_DECLS
