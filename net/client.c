/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/client.h"

#include <glib/gi18n-lib.h>

#include "net/core/address_text.h"
#include "net/disk/sandbox.h"
#include "net/quic/endpoint.h"

G_STATIC_ASSERT (CLIENT_DEFAULT_PORT == QUIC_DEFAULT_PORT);
G_STATIC_ASSERT (CLIENT_ID_SHORT == NODE_ID_SHORT_LEN);

G_DEFINE_INTERFACE (WherryClient, wherry_client, G_TYPE_OBJECT)
G_DEFINE_QUARK (wherry-client-error-quark, client_error)

static void
wherry_client_default_init (WherryClientInterface *iface)
{
  const GParamFlags flags = G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GType type = G_TYPE_FROM_INTERFACE (iface);
  g_object_interface_install_property (
      iface, g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READWRITE | flags));
  g_object_interface_install_property (
      iface, g_param_spec_boolean ("visible", NULL, NULL, TRUE, G_PARAM_READWRITE | flags));
  g_object_interface_install_property (
      iface, g_param_spec_enum ("discovery-state", NULL, NULL, WHERRY_TYPE_DISCOVERY_STATE,
                                DISCOVERY_OFF, G_PARAM_READABLE | flags));

  g_signal_new ("offer", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                WHERRY_TYPE_TRANSFER);
  g_signal_new ("warning", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_STRING);
  g_signal_new ("unpaired-by", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                WHERRY_TYPE_DEVICE);
}

DexFuture *
wherry_client_close (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->close (self);
}

const char *
wherry_client_get_warning (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->get_warning (self);
}

const DeviceInfo *
wherry_client_get_device_info (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->get_device_info (self);
}

const NodeId *
wherry_client_get_id (WherryClient *self)
{
  return &wherry_client_get_device_info (self)->node_id;
}

char *
wherry_client_dup_id (WherryClient *self)
{
  return node_id_to_hex (wherry_client_get_id (self));
}

const char *
wherry_client_get_name (WherryClient *self)
{
  return wherry_client_get_device_info (self)->name;
}

void
wherry_client_set_name (WherryClient *self, const char *name)
{
  g_object_set (self, "name", name, NULL);
}

bool
wherry_client_get_visible (WherryClient *self)
{
  gboolean visible;
  g_object_get (self, "visible", &visible, NULL);
  return visible;
}

void
wherry_client_set_visible (WherryClient *self, bool visible)
{
  g_object_set (self, "visible", (gboolean) visible, NULL);
}

DiscoveryState
wherry_client_get_discovery_state (WherryClient *self)
{
  int state;
  g_object_get (self, "discovery-state", &state, NULL);
  return state;
}

uint16_t
wherry_client_get_port (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->get_port (self);
}

GPtrArray *
wherry_client_list_addresses (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->list_addresses (self);
}

GFile *
wherry_client_get_receive_dir (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->get_receive_dir (self);
}

void
wherry_client_set_receive_dir (WherryClient *self, GFile *dir)
{
  WHERRY_CLIENT_GET_IFACE (self)->set_receive_dir (self, dir);
}

const Policy *
wherry_client_get_policy (WherryClient *self, WherryDevice *device)
{
  return WHERRY_CLIENT_GET_IFACE (self)->get_policy (self, device);
}

void
wherry_client_set_policy (WherryClient *self, WherryDevice *device, const Policy *policy)
{
  g_return_if_fail (device || policy);
  WHERRY_CLIENT_GET_IFACE (self)->set_policy (self, device, policy);
}

GListModel *
wherry_client_get_devices (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->get_devices (self);
}

WherryDevice *
wherry_client_lookup_device (WherryClient *self, const char *id)
{
  GListModel *devices = wherry_client_get_devices (self);
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (WherryDevice) device = g_list_model_get_item (devices, i);
      if (g_str_equal (wherry_device_get_id (device), id))
        return device; /* the list has a reference of its own */
    }
  return NULL;
}

WherryDevice *
wherry_client_find_device (WherryClient *self, const char *text, GError **error)
{
  return WHERRY_CLIENT_GET_IFACE (self)->find_device (self, text, error);
}

GListModel *
wherry_client_get_transfers (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->get_transfers (self);
}

WherryPairingSession *
wherry_client_host_pairing (WherryClient *self, GError **error)
{
  return WHERRY_CLIENT_GET_IFACE (self)->host_pairing (self, error);
}

WherryPairingSession *
wherry_client_join_pairing (WherryClient *self, const char *code, WherryDevice *device,
                            GPtrArray *addresses, GError **error)
{
  return WHERRY_CLIENT_GET_IFACE (self)->join_pairing (self, code, device, addresses, error);
}

WherryTransfer *
wherry_client_send (WherryClient *self, WherryDevice *device, GPtrArray *files,
                    GPtrArray *addresses, GError **error)
{
  return WHERRY_CLIENT_GET_IFACE (self)->send (self, device, files, addresses, error);
}

DexFuture *
wherry_client_ping (WherryClient *self, WherryDevice *device, GPtrArray *addresses)
{
  return WHERRY_CLIENT_GET_IFACE (self)->ping (self, device, addresses);
}

DexFuture *
wherry_client_share_text (WherryClient *self, WherryDevice *device, const char *text,
                          GPtrArray *addresses)
{
  return WHERRY_CLIENT_GET_IFACE (self)->share_text (self, device, text, addresses);
}

GListModel *
wherry_client_get_texts (WherryClient *self)
{
  return WHERRY_CLIENT_GET_IFACE (self)->get_texts (self);
}

void
wherry_client_dismiss_text (WherryClient *self, WherryReceivedText *text)
{
  WHERRY_CLIENT_GET_IFACE (self)->dismiss_text (self, text);
}

DexFuture *
wherry_client_diagnose (WherryClient *self, const char *target)
{
  return WHERRY_CLIENT_GET_IFACE (self)->diagnose (self, target);
}

DexFuture *
wherry_client_unpair (WherryClient *self, WherryDevice *device)
{
  return WHERRY_CLIENT_GET_IFACE (self)->unpair (self, device);
}

typedef struct
{
  DexPromise *promise; /* (owned) */
  uint16_t port;
} Lookup;

static void
found_cb (GObject *resolver, GAsyncResult *result, gpointer user_data)
{
  g_autofree Lookup *lookup = user_data;
  g_autoptr (DexPromise) promise = lookup->promise;
  g_autoptr (GError) error = NULL;
  GList *found = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &error);
  if (!found)
    {
      dex_promise_reject (
          promise, g_error_new_literal (CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND, error->message));
      return;
    }
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);
  for (GList *l = found; l; l = l->next)
    g_ptr_array_add (addresses, g_inet_socket_address_new (l->data, lookup->port));
  g_resolver_free_addresses (found);
  dex_promise_resolve_boxed (promise, G_TYPE_PTR_ARRAY, addresses);
}

DexFuture *
wherry_client_resolve_address (const char *text)
{
  AddressText parsed;
  if (!address_text_parse (&parsed, text, ADDRESS_TEXT_SCOPED | ADDRESS_TEXT_NAMES,
                           CLIENT_DEFAULT_PORT))
    return dex_future_new_for_error (g_error_new_literal (CLIENT_ERROR, CLIENT_ERROR_INVALID,
                                                          _ ("it is not of the form HOST:PORT")));
  if (!parsed.is_name)
    {
      GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (addresses, g_inet_socket_address_new_from_string (parsed.host, parsed.port));
      return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, addresses);
    }
  DexPromise *promise = dex_promise_new_cancellable ();
  Lookup *lookup = g_new (Lookup, 1);
  *lookup = (Lookup) { dex_ref (promise), parsed.port };
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  g_resolver_lookup_by_name_async (resolver, parsed.host, dex_promise_get_cancellable (promise),
                                   found_cb, lookup);
  return DEX_FUTURE (promise);
}

bool
wherry_client_is_sandboxed (void)
{
  return sandbox_is_around ();
}

char *
wherry_client_dup_shown_path (GFile *file)
{
  return sandbox_dup_shown_path (file);
}

char *
wherry_client_format_address (GInetSocketAddress *address)
{
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}
