/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network_state.json as a typed value. The only place that knows its JSON; no files, no clock. */
#pragma once

#include <stdbool.h>
#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "net/core/device_info.h"

G_BEGIN_DECLS

#define STATE_DOCUMENT_FILE     "network_state.json"
#define STATE_DOCUMENT_VERSION  1
#define STATE_DOCUMENT_SIZE_MAX (1024 * 1024) /* bytes of the file */
#define STATE_PAIRED_MAX        1000
#define STATE_ADDRESSES_MAX     8 /* of one device */

typedef enum
{
  STATE_ERROR_NEWER,   /* a later version of Wherry wrote it; it must not be touched */
  STATE_ERROR_CORRUPT, /* it is not what any version wrote; the message names the field */
  STATE_ERROR_FULL,    /* one of the limits above */
  STATE_ERROR_SECRETS, /* the secrets shared with some devices are lost */
} StateError;

/** What a sentence about the error needs, where it is about a file. */
typedef struct
{
  char *folder; /* (owned) (nullable) the data folder */
  char *file;   /* (owned) (nullable) CORRUPT: in it, where the damaged state was put */
  char *names;  /* (owned) (nullable) SECRETS: of the devices, quoted */
} StateErrorPrivate;

#define STATE_ERROR (state_error_quark ())
GQuark state_error_quark (void);
/** For an error of this domain. (transfer none) */
StateErrorPrivate *state_error_get_data (const GError *error);

/** A device we share a pairing root with. */
typedef struct
{
  DeviceInfo info;
  /* (owned) (element-type GInetSocketAddress), latest first, no link-local ones */
  GPtrArray *addresses;
  int64_t last_seen; /* Unix seconds, 0 never */

  JsonObject *rest; /* (owned) what we do not know of this entry, kept */
} PairedDevice;

typedef struct
{
  DeviceInfo device; /* ours; node_id and version are not stored and left zero */
  bool visible;
  char *receive_dir; /* (owned) (nullable) a file URI: paths need not be UTF-8 */
  GPtrArray *paired; /* (owned) (element-type PairedDevice), no id twice */

  JsonObject *rest;        /* (owned) unknown fields of the top level */
  JsonObject *device_rest; /* (owned) and of our device */
} StateDocument;

/** Empty, with a zeroed device. */
StateDocument *state_document_new (void);
void state_document_free (StateDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StateDocument, state_document_free)

/** All or nothing. Errors: STATE_ERROR_NEWER, STATE_ERROR_CORRUPT. */
StateDocument *state_document_parse (const char *data, size_t len, GError **error);
/** Indented JSON with a final newline, unknown fields included. (transfer full) */
char *state_document_serialize (const StateDocument *document, size_t *len);

PairedDevice *paired_device_new (const DeviceInfo *info);
void paired_device_free (PairedDevice *paired);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PairedDevice, paired_device_free)
/** Puts @address in front, unless it means something only on one link (IPv6 with a scope). */
void paired_device_add_address (PairedDevice *paired, GInetSocketAddress *address);

G_END_DECLS
