/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two nodes in one process, over loopback, each on a data folder of its own; and a main loop that
 * waits for things. */
#pragma once

#include "net/node_private.h"
#include "tests/support/scratch.h"
#include "tests/support/wait_future.h"

typedef struct
{
  Scratch scratch; /* both data folders, and "to-a" and "to-b" for what they receive */
  char *dirs[2];
  WherryClient *nodes[2];
} TwoNodes;

/** "A" shows codes in most tests, "B" enters them. */
#define A nodes[0]
#define B nodes[1]

void two_nodes_start (TwoNodes *fixture, gconstpointer data);
/** Proves that nothing of either node is left. */
void two_nodes_stop (TwoNodes *fixture, gconstpointer data);
/** Starts the node of data folder @i again (after two_nodes_close_one()). */
void two_nodes_open_one (TwoNodes *fixture, int i);
void two_nodes_close_one (TwoNodes *fixture, int i);

/** 127.0.0.1 and the port of @node, alone in a list. (transfer full) (element-type
 * GInetSocketAddress) */
GPtrArray *loopback_of (WherryClient *node);

/** Turns the main loop until @property of @object, an int, has @value. */
#define wait_int(object, property, value)                                                          \
  wait_int_at (object, property, value, property " of " #object ": " #value " at " G_STRLOC)
void wait_int_at (gpointer object, const char *property, int value, const char *what);
#define wait_phase(session, phase) wait_int (session, "phase", phase)

/** Pairs B with A by words; both sides DONE. Returns B's view of A. (transfer none) */
WherryDevice *pair_by_words (TwoNodes *fixture);
/** What @node thinks of @other; NULL when it has no such row. */
WherryDevice *device_of (WherryClient *node, WherryClient *other);
