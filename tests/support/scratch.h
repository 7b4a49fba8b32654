/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of its own for each test, and small words for looking into it. Failures abort. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  char *path;
} Scratch;

void scratch_init (Scratch *scratch);
/** Removes everything in it, whatever its modes. */
void scratch_clear (Scratch *scratch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scratch, scratch_clear)

/** The path below the scratch folder; @below is a printf format. (transfer full) */
char *scratch_path (const Scratch *scratch, const char *below, ...) G_GNUC_PRINTF (2, 3);
GFile *scratch_file (const Scratch *scratch, const char *below);

/** Parents are made on the way. */
void scratch_write (const Scratch *scratch, const char *below, const void *data, gssize len);
void scratch_mkdir (const Scratch *scratch, const char *below);
/** @size bytes that are a function of @seed. */
void scratch_fill (const Scratch *scratch, const char *below, size_t size, uint32_t seed);
bool scratch_exists (const Scratch *scratch, const char *below);
void scratch_assert_content (const Scratch *scratch, const char *below, const char *content);
/** Names in a folder, sorted and joined by '|'. */
void scratch_assert_names (const Scratch *scratch, const char *below, const char *joined);
/** Same tree: names, kinds, bytes, permission bits and times. Folders too. */
void scratch_assert_same (const Scratch *scratch, const char *a, const char *b);

/** From now on this process is bound by permissions, even as root. */
void scratch_drop_capabilities (void);
