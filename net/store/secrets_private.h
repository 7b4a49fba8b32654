/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of the secrets, for secrets.c alone. */
#pragma once

#include "net/store/secrets.h"

G_BEGIN_DECLS

#define SECRETS_LEN           32
#define SECRETS_IDENTITY_FILE "identity.key"
#define SECRETS_ROOTS_FOLDER  "roots"
#define SECRETS_MARKER_FILE   "identity.keyring" /* the hex node id: the keyring has the seed */

/** Reads SECRETS_LEN bytes. True with *@found false when there is no such file;
 * SECRETS_ERROR_DAMAGED when it holds anything but a key that can be a random one. */
bool secrets_read_file (const DataDir *dir, const char *name, uint8_t *secret, bool *found,
                        GError **error);
/** Relative to the data folder. (transfer full) */
char *secrets_root_file_name (const NodeId *peer);

/** As above. A damaged marker is an error: taken for a missing one, it would lead to a new
 * identity. */
bool secrets_read_marker (const DataDir *dir, NodeId *id, bool *found, GError **error);
bool secrets_write_marker (const DataDir *dir, const NodeId *id, GError **error);

/** Adds what a sentence needs to an error of this domain; @file (nullable) is relative to @dir. */
void secrets_annotate (GError **error, const DataDir *dir, const char *file);

G_END_DECLS
