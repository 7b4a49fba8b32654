/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ed25519 device keys: the node id is the public key, and it is also an iroh EndpointId. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

#define NODE_ID_LEN            32
#define NODE_ID_HEX_LEN        64
#define NODE_ID_BASE32_LEN     52
#define NODE_ID_SHORT_LEN      10
#define NODE_SEED_LEN          32
#define NODE_SIGNATURE_LEN     64
#define NODE_SHARED_SECRET_LEN 32

/** A public key; plain value, compare with node_id_equal(). */
typedef struct
{
  uint8_t bytes[NODE_ID_LEN];
} NodeId;

/** A key pair whose secret half lives in sodium memory. */
typedef struct NodeIdentity NodeIdentity;

bool node_id_equal (const NodeId *a, const NodeId *b);
/** By their bytes: an order that both sides of a connection agree on. */
bool node_id_is_less (const NodeId *a, const NodeId *b);
/* GHashFunc and GEqualFunc over NodeId */
guint node_id_hash (gconstpointer id);
gboolean node_id_equal_cb (gconstpointer a, gconstpointer b);

/** Lower-case hex (64 characters), for logs and the command line. (transfer full) */
char *node_id_to_hex (const NodeId *id);
/** RFC 4648 base32, lower case, no padding (52 characters), for links and QR codes. (transfer
 * full) */
char *node_id_to_base32 (const NodeId *id);
/** The first ten hex digits. (transfer full) */
char *node_id_to_short (const NodeId *id);
/** Reads hex or base32, any case; rejects ids that are not valid curve points or are of small
 * order. */
bool node_id_parse (NodeId *id, const char *text);

NodeIdentity *node_identity_generate (void);
NodeIdentity *node_identity_from_seed (const uint8_t seed[static NODE_SEED_LEN]);
void node_identity_free (NodeIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NodeIdentity, node_identity_free)

const NodeId *node_identity_get_id (const NodeIdentity *identity);
/** The 32-byte seed, for the store and the TLS layer; borrowed sodium memory, never copy it
 * outside sodium memory. */
const uint8_t *node_identity_get_seed (const NodeIdentity *identity);

/** RFC 8032 signature over @data. */
void node_identity_sign (const NodeIdentity *identity, const uint8_t *data, size_t len,
                         uint8_t signature[static NODE_SIGNATURE_LEN]);
bool node_id_verify (const NodeId *id, const uint8_t *data, size_t len,
                     const uint8_t signature[static NODE_SIGNATURE_LEN]);
/** X25519 of both identities' Montgomery forms (RFC 7748); false when the result is all zero. */
bool node_identity_shared_secret (const NodeIdentity *identity, const NodeId *peer,
                                  uint8_t secret[static NODE_SHARED_SECRET_LEN]);
