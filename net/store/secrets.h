/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The identity seed and the pairing roots of one data folder, in the keyring or in 0600 files.
 * Blocking calls. */
#pragma once

#include <stdbool.h>

#include "net/core/identity.h"
#include "net/core/session.h"
#include "net/store/data_dir.h"

G_BEGIN_DECLS

typedef enum
{
  SECRETS_ERROR_UNAVAILABLE, /* the identity is in a keyring that does not give it now */
  SECRETS_ERROR_DAMAGED,     /* something is stored, and it is not what we stored */
  SECRETS_ERROR_MISSING,     /* the identity is gone although there was one */
} SecretsError;

/** What a sentence about the error needs. */
typedef struct
{
  char *folder; /* (owned) the data folder */
  char *file;   /* (owned) (nullable) in it; NULL: it is about the keyring */
} SecretsErrorPrivate;

#define SECRETS_ERROR (secrets_error_quark ())
GQuark secrets_error_quark (void);
/** For an error of this domain. (transfer none) */
const SecretsErrorPrivate *secrets_error_get_data (const GError *error);

typedef struct Secrets Secrets;

/** Loads the identity and all roots of @dir, or makes an identity on the very first start. Of the
 * keyring it asks one question, with one deadline.
 *
 * New secrets go to the keyring when @use_keyring and a Secret Service answers, else to the files
 * `identity.key` and `roots/<node id>` (32 bytes each). The choice holds for the life of the
 * folder: `identity.keyring` says that the keyring has it, and then a silent keyring is an error.
 * Where devices are paired, no new identity is made, which would undo every pairing: a missing one
 * is SECRETS_ERROR_MISSING. A key that cannot be a random one is SECRETS_ERROR_DAMAGED. @dir is
 * borrowed and must outlive the result. */
Secrets *secrets_open (const DataDir *dir, bool use_keyring,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void secrets_free (Secrets *secrets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Secrets, secrets_free)

/** Borrowed. */
const NodeIdentity *secrets_get_identity (const Secrets *secrets);

/** From any thread, blocking; one call at a time for a peer. Replaces an older root of the same
 * peer. On failure the older one stays. */
bool secrets_store_root (Secrets *secrets, const NodeId *peer,
                         const uint8_t root[static PAIRING_ROOT_LEN], GError **error);
/** As it was when the secrets were opened: borrowed sodium memory of PAIRING_ROOT_LEN bytes; NULL
 * when it was missing or damaged. */
const uint8_t *secrets_get_root (const Secrets *secrets, const NodeId *peer);
/** From any thread, blocking. True also when there was none. */
bool secrets_remove_root (Secrets *secrets, const NodeId *peer, GError **error);

G_END_DECLS
