/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the walk of a tree left out, and why: links and special files, which were never to be sent,
 * and what cannot be read. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "net/core/control.h"

G_BEGIN_DECLS

#define LEFT_OUT_PATHS_MAX CONTROL_SKIPPED_MAX
#define LEFT_OUT_NOTES_MAX 100

typedef struct
{
  uint64_t n_skipped;    /* links, FIFOs, sockets and devices */
  uint64_t n_unreadable; /* or of a name or size that cannot be offered */
  GPtrArray *paths;      /* as they would be offered, the first LEFT_OUT_PATHS_MAX (utf8, owned) */
  GArray *reasons;       /* ControlReason of each */
  GPtrArray *notes; /* a sentence about each, the first LEFT_OUT_NOTES_MAX without @unreadable */
  char *unreadable; /* the sentence about the first that cannot be read; NULL as a rule */
} LeftOut;

void left_out_init (LeftOut *self);
void left_out_clear (LeftOut *self);

/** Counts and notes what is no regular file and no folder, by its @mode. */
void left_out_skip (LeftOut *self, const char *path, mode_t mode);
/** The same for what cannot be read, by the errno that says why. */
void left_out_unreadable (LeftOut *self, const char *path, int code);
/** The same for what cannot be offered, because path_check_entry() refuses @path. */
void left_out_refused (LeftOut *self, const char *path);

G_END_DECLS
