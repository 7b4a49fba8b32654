/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder on a file system that refuses or lies: what fuse_faulty mounts. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct
{
  GPid pid;
  int input, output;
  char *mountpoint;
} FaultyDisk;

/** Mounts @source at @mountpoint (made) with @rules (blank-separated; fuse_faulty.c says which), in
 * a mount namespace of this process. False, with the test skipped, where FUSE cannot be mounted. */
bool faulty_disk_mount (FaultyDisk *disk, const char *source, const char *mountpoint,
                        const char *rules);
/** Returns how often each call came: "chmod 3\nrename 8\n…". Nothing on it may be open. */
char *faulty_disk_unmount (FaultyDisk *disk);
/** The number beside @call in @counts. */
unsigned faulty_disk_count (const char *counts, const char *call);
