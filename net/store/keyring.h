/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 32-byte secrets in the desktop's Secret Service (or the portal's, in Flatpak), by libsecret.
 *
 * Items have the schema io.github.wherry.Wherry and the attributes data-dir, kind and node-id; the
 * secret is its 64 hex digits. Every call blocks the calling thread, KEYRING_TIMEOUT_MS at most,
 * and dispatches nothing of its main context. */
#pragma once

#include <stdbool.h>
#include <gio/gio.h>

#include "net/core/identity.h"

G_BEGIN_DECLS

#define KEYRING_SECRET_LEN 32
/* Long enough for a slow log-in, too short to be taken for a hang. */
#define KEYRING_TIMEOUT_MS 10000

typedef enum
{
  KEYRING_IDENTITY, /* our seed; node-id is ours */
  KEYRING_ROOT,     /* a pairing root; node-id is the peer's */
} KeyringKind;

typedef enum
{
  KEYRING_ERROR_UNAVAILABLE, /* no service, it refused, or did not answer in time */
  KEYRING_ERROR_LOCKED,      /* it stayed locked */
} KeyringError;

#define KEYRING_ERROR (keyring_error_quark ())
GQuark keyring_error_quark (void);

bool keyring_store (const char *data_dir, KeyringKind kind, const NodeId *id,
                    const uint8_t secret[static KEYRING_SECRET_LEN], GError **error);
typedef struct
{
  KeyringKind kind;
  NodeId id;
  uint8_t *secret; /* (owned) sodium memory; NULL when the item is not one that Wherry stored */
} KeyringItem;

/** All that is stored for @data_dir, in one search with one deadline. (transfer full) (element-type
 * KeyringItem) */
GPtrArray *keyring_search (const char *data_dir, GError **error);
/** True also when there was none. */
bool keyring_remove (const char *data_dir, KeyringKind kind, const NodeId *id, GError **error);

G_END_DECLS
