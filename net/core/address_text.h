/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one grammar of "host:port": 192.0.2.7:11204, [2001:db8::7]:11204, [fe80::1%eth0]:11204,
 * ada.local:11204. Only the text is looked at; nothing is resolved. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define ADDRESS_TEXT_HOST_MAX 253 /* bytes, RFC 1035; of an address the scope is included */

typedef enum
{
  ADDRESS_TEXT_GLOBAL = 0,      /* only addresses that mean the same everywhere on this network */
  ADDRESS_TEXT_SCOPED = 1 << 0, /* link-local ones too, with the interface behind "%" */
  ADDRESS_TEXT_NAMES = 1 << 1,  /* host names too */
} AddressTextFlags;

typedef struct
{
  char host[ADDRESS_TEXT_HOST_MAX + 1]; /* without brackets, with "%SCOPE" */
  bool is_name;
  uint16_t port; /* 1 to 65535 */
} AddressText;

/** False for anything else. @default_port is taken when @text has none, and then an IPv6 address
 * needs no brackets; 0: a port must be there. */
bool address_text_parse (AddressText *address, const char *text, AddressTextFlags allowed,
                         uint16_t default_port);

G_END_DECLS
