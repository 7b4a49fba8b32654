/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a remote, for its parts: remote_call.c asks and reads, remote_devices.c,
 * remote_transfers.c and remote_pairings.c each keep one kind of rows, remote.c is the object. */
#pragma once

#include "net/peer/device_private.h"
#include "net/remote.h"

G_BEGIN_DECLS

#define REMOTE_MANAGER  WHERRY_BUS_INTERFACE ".Manager"
#define REMOTE_DEVICE   WHERRY_BUS_INTERFACE ".Device"
#define REMOTE_TRANSFER WHERRY_BUS_INTERFACE ".Transfer"
#define REMOTE_PAIRING  WHERRY_BUS_INTERFACE ".Pairing"

struct _WherryRemote
{
  GObject parent_instance;

  GDBusObjectManager *objects; /* (owned) */
  GDBusProxy *manager;         /* (owned) */
  DeviceInfo info;             /* of this device, as the service told it last */
  GListStore *devices;         /* (owned) WherryDevice */
  GListStore *transfers;       /* (owned) WherryTransfer, each with its path */
  GPtrArray *pairings;         /* (owned) (element-type RemotePairing) that run */
  Policy policy;               /* (owned folder) as it was asked for last */
  GFile *receive_dir;          /* (owned) (nullable) likewise */
  char *warning;               /* (owned) (nullable) */
};

/** The remote behind a WherryClient, for the functions of its own vtable: as node_of(). */
static inline WherryRemote *
remote_of (WherryClient *client)
{
  return (WherryRemote *) client;
}

/** Waits for the answer, of type @result. What the service says in a sentence stays one. (transfer
 * full) */
GVariant *remote_call_sync (WherryRemote *self, const char *path, const char *interface,
                            const char *method, GVariant *arguments, const char *result,
                            GError **error);
/** Resolves to a GVariant, however long it takes. */
DexFuture *remote_call (WherryRemote *self, const char *path, const char *interface,
                        const char *method, GVariant *arguments,
                        const char *result) G_GNUC_WARN_UNUSED_RESULT;
/** Nobody waits for the answer. */
void remote_tell (WherryRemote *self, const char *path, const char *interface, const char *method,
                  GVariant *arguments);

/** Reads a property as g_variant_get() does; nothing is written when there is none like @format. */
void remote_read (GDBusProxy *proxy, const char *name, const char *format, ...);
/** A word of @type; @otherwise when it is not one. */
int remote_read_enum (GDBusProxy *proxy, const char *name, GType type, int otherwise);
/** NULL for a text that is empty. (transfer full) (nullable) */
char *remote_read_text (GDBusProxy *proxy, const char *name);
/** (transfer full) (nullable) */
GFile *remote_file_of_bytes (const char *path);
/** @addresses (nullable) as an array of strings. Floating. */
GVariant *remote_pack_addresses (GPtrArray *addresses);

/** The row for the last element of @path; NULL when there is none. (transfer none) */
WherryDevice *remote_devices_lookup (WherryRemote *self, const char *path);
/** A device that is in no list (any more), for what still speaks of it; NULL when @path has no node
 * id. (transfer full) */
WherryDevice *remote_device_new (const char *path);
/** What @proxy tells of one. */
void remote_devices_follow (WherryRemote *self, GDBusProxy *proxy);
void remote_devices_remove (WherryRemote *self, const char *path);
/** (transfer full) */
char *remote_device_path (WherryDevice *device);

void remote_transfers_follow (WherryRemote *self, GDBusProxy *proxy);
/** The service has left. */
void remote_transfers_remove (WherryRemote *self, const char *path);
WherryTransfer *remote_transfers_lookup (WherryRemote *self, const char *path);
void remote_transfers_install (WherryClientInterface *iface);
void remote_transfers_detach (WherryRemote *self);

void remote_pairings_follow (WherryRemote *self, GDBusProxy *proxy);
void remote_pairings_remove (WherryRemote *self, const char *path);
void remote_pairings_install (WherryClientInterface *iface);
GPtrArray *remote_pairings_new (void);
/** Takes back what this process has asked for. */
void remote_pairings_cancel (WherryRemote *self);

G_END_DECLS
