/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receiving worker: opens the records of a data stream, writes and verifies the files of an
 * accepted offer. */
#pragma once

#include <gio/gio.h>

#include "net/transfer/ledger.h"
#include "net/quic/stream.h"

G_BEGIN_DECLS

/** By what the flow has to do; errors of net/quic, core/chunk and destination.h pass through. */
typedef enum
{
  /* data for no file of the offer, or for one that came already: QUIC_CODE_PROTOCOL */
  SINK_ERROR_UNOFFERED,
  SINK_ERROR_SIZE,    /* more or fewer bytes than offered: QUIC_CODE_PROTOCOL */
  SINK_ERROR_MISSING, /* the stream ended without all files: QUIC_CODE_PROTOCOL */
} SinkError;

#define SINK_ERROR (sink_error_quark ())
GQuark sink_error_quark (void);

typedef struct
{
  GFile *folder;
  const Offer *offer;
  QuicStream *stream;
  const uint8_t *transfer_key; /* sodium memory */
  GCancellable *cancellable;
  Ledger *ledger;       /* gets an item for each file, and for each folder that could not be made */
  uint32_t n_abandoned; /* (result) files that the sender gave up */
  /* (owned) (result) sentences about what the disk did not take; NULL when it was not used */
  GPtrArray *notes;
  char *first_name; /* (owned) (result) (nullable) in the folder, of what came first */
} Sink;

/** Makes the folders and receives every file of the offer. A file or folder that fails by itself is
 * entered in the ledger, and so is what lies below the folder; the others go on. Fails when the
 * stream, the protocol or the disk does, or when cancelled: then files that have their name stay,
 * and nothing else. A WorkerFunc over a Sink. */
bool sink_receive (gpointer sink, GError **error);

G_END_DECLS
