/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pairing link, also the content of the QR code; docs/protocol.md, "Pairing", has its form. */
#pragma once

#include "net/core/identity.h"

#define INVITE_SECRET_LEN    16
#define INVITE_MAX_ADDRESSES 8
#define INVITE_ADDRESS_MAX   53   /* "[" + 45 characters of IPv6 + "]:" + 5 digits */
#define INVITE_LINK_MAX      2048 /* bytes */

typedef enum
{
  INVITE_ERROR_NOT_LINK, /* not a wherry://pair link at all */
  INVITE_ERROR_VERSION,  /* made by a newer version */
  INVITE_ERROR_INVALID,  /* one, but damaged */
} InviteError;

#define INVITE_ERROR (invite_error_quark ())
GQuark invite_error_quark (void);

/** Holds a secret: clear with invite_clear(). */
typedef struct
{
  NodeId node_id;
  uint8_t secret[INVITE_SECRET_LEN];
  size_t n_addresses;
  char addresses[INVITE_MAX_ADDRESSES]
                [INVITE_ADDRESS_MAX + 1]; /* "192.0.2.7:11204" or "[2001:db8::7]:11204" */
} Invite;

/** Wipes the secret; the invite is empty afterwards. */
void invite_clear (Invite *invite);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Invite, invite_clear)

/** Appends "IP:PORT"; false, and nothing happens, when it is not one, is link-local (it means
 * nothing elsewhere), is there already, or INVITE_MAX_ADDRESSES are. */
bool invite_add_address (Invite *invite, const char *address);
/** The link. A secret: wipe before g_free(). (transfer full) */
char *invite_format (const Invite *invite);
/** Whether @text looks like a link rather than words: it starts with "wherry:" in any case. */
bool invite_is_link (const char *text);
/** Reads a link, surrounding white space allowed; all or nothing. */
bool invite_parse (Invite *invite, const char *link, GError **error);
