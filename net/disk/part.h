/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file on its way in: written under a temporary name beside its final place, which a PartBatch
 * gives it once it is verified. One thread at a time. */
#pragma once

#include "net/disk/destination.h"

G_BEGIN_DECLS

typedef struct Part Part;

/** A new file for the entry @path. @destination must outlive it. */
Part *part_new (Destination *destination, const char *path,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Unlinks the temporary file. */
void part_free (Part *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Part, part_free)

bool part_write (Part *part, const void *data, size_t len, GError **error);

G_END_DECLS
