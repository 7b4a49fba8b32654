/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The demultiplexer: everything the net thread does for one endpoint. Routes datagrams to
 * connections by connection id, makes new ones, and runs their timers and pumps, a turn at a time.
 * Knows no thread and no clock of its own, so a test can be its thread and its clock. */
#pragma once

#include "net/quic/call_queue.h"
#include "net/quic/connection_net.h"
#include "net/quic/dial.h"
#include "net/quic/link.h"

G_BEGIN_DECLS

/** With peers that we know, and what we dial; those of strangers come on top of it
 * (core/stranger_limits.h). */
#define DEMUX_CONNECTIONS_MAX 256

typedef struct Demux Demux;

typedef struct
{
  /** Nanoseconds that never go back. */
  ngtcp2_tstamp (*now) (gpointer data);
  gpointer data;
} Clock;

/** A peer's handshake has completed: decide, then quic_connection_admit() or _close(). Takes a
 * handle. */
typedef void (*DemuxIncoming) (QuicConnection *connection, gpointer data);

typedef struct
{
  const NodeIdentity *identity; /* borrowed for the call */
  Link *link;                   /* owned from here on, even on failure */
  CallQueue *calls;             /* borrowed */
  Clock clock;
  DemuxIncoming incoming;
  gpointer incoming_data;
} DemuxConfig;

Demux *demux_new (const DemuxConfig *config, GError **error);
/** Closes what is open (without lingering) and frees. The call queue is closed. */
void demux_free (Demux *demux);

/** Calls, arrivals, timers, departures; returns whether to call again at once. */
bool demux_turn (Demux *demux);
/** When to call demux_turn() though nothing happened; UINT64_MAX for never. */
ngtcp2_tstamp demux_get_expiry (Demux *demux);

/** The ALPNs taken from peers, comma-separated, in order of preference. */
void demux_set_alpns (Demux *demux, const char *alpns);

/** For dial_start(), with the demux as the reader of the call queue. */
extern const DialHandler demux_dial_handler;

G_END_DECLS
