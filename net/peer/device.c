/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "net/peer/device_private.h"

#include <sodium.h>

#include "net/core/secret.h"
#include "net/socket_address.h"

#define ADDRESSES_MAX 32

struct _WherryDevice
{
  GObject parent_instance;

  DeviceInfo info; /* device_id is empty until it told us */
  char *id;        /* (owned) the node id, as text */
  DeviceState state;
  bool needs_pairing;
  bool nearby;
  bool pairing_open;
  int64_t rtt_us;
  int64_t last_seen;
  GPtrArray *announced; /* (owned) (element-type GInetSocketAddress) by discovery, now */
  GPtrArray *known;     /* (owned) (element-type GInetSocketAddress) where connections were */
  uint8_t *root;        /* (owned) sodium memory, NULL unless paired */
};

G_DEFINE_ENUM_TYPE (WherryDeviceType, wherry_device_type,
                    G_DEFINE_ENUM_VALUE (DEVICE_DESKTOP, "desktop"),
                    G_DEFINE_ENUM_VALUE (DEVICE_LAPTOP, "laptop"),
                    G_DEFINE_ENUM_VALUE (DEVICE_PHONE, "phone"),
                    G_DEFINE_ENUM_VALUE (DEVICE_TABLET, "tablet"),
                    G_DEFINE_ENUM_VALUE (DEVICE_SERVER, "server"))
G_DEFINE_ENUM_TYPE (WherryDeviceState, wherry_device_state,
                    G_DEFINE_ENUM_VALUE (DEVICE_STATE_DISCOVERED, "discovered"),
                    G_DEFINE_ENUM_VALUE (DEVICE_STATE_PAIRING, "pairing"),
                    G_DEFINE_ENUM_VALUE (DEVICE_STATE_PAIRED, "paired"),
                    G_DEFINE_ENUM_VALUE (DEVICE_STATE_CONNECTED, "connected"),
                    G_DEFINE_ENUM_VALUE (DEVICE_STATE_DISCONNECTED, "disconnected"))
G_DEFINE_FINAL_TYPE (WherryDevice, wherry_device, G_TYPE_OBJECT)

typedef enum
{
  PROP_ID = 1,
  PROP_NAME,
  PROP_DEVICE_TYPE,
  PROP_STATE,
  PROP_PAIRED,
  PROP_NEEDS_PAIRING,
  PROP_NEARBY,
  PROP_PAIRING_OPEN,
  PROP_RTT_US,
  PROP_LAST_SEEN,
} DeviceProperty;

static GParamSpec *properties[PROP_LAST_SEEN + 1];

static void
notify (WherryDevice *self, DeviceProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
wherry_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  WherryDevice *self = WHERRY_DEVICE (object);
  switch ((DeviceProperty) id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->info.name);
      break;
    case PROP_DEVICE_TYPE:
      g_value_set_enum (value, self->info.type);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_PAIRED:
      g_value_set_boolean (value, device_state_is_paired (self->state));
      break;
    case PROP_NEEDS_PAIRING:
      g_value_set_boolean (value, self->needs_pairing);
      break;
    case PROP_NEARBY:
      g_value_set_boolean (value, self->nearby);
      break;
    case PROP_PAIRING_OPEN:
      g_value_set_boolean (value, self->pairing_open);
      break;
    case PROP_RTT_US:
      g_value_set_int64 (value, self->rtt_us);
      break;
    case PROP_LAST_SEEN:
      g_value_set_int64 (value, self->last_seen);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
wherry_device_finalize (GObject *object)
{
  WherryDevice *self = WHERRY_DEVICE (object);
  sodium_free (self->root);
  g_free (self->id);
  g_ptr_array_unref (self->announced);
  g_ptr_array_unref (self->known);
  G_OBJECT_CLASS (wherry_device_parent_class)->finalize (object);
}

static void
wherry_device_class_init (WherryDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  object_class->get_property = wherry_device_get_property;
  object_class->finalize = wherry_device_finalize;

  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_DEVICE_TYPE] =
      g_param_spec_enum ("device-type", NULL, NULL, WHERRY_TYPE_DEVICE_TYPE, DEVICE_DESKTOP, flags);
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, WHERRY_TYPE_DEVICE_STATE,
                                              DEVICE_STATE_DISCOVERED, flags);
  properties[PROP_PAIRED] = g_param_spec_boolean ("paired", NULL, NULL, FALSE, flags);
  properties[PROP_NEEDS_PAIRING] = g_param_spec_boolean ("needs-pairing", NULL, NULL, FALSE, flags);
  properties[PROP_NEARBY] = g_param_spec_boolean ("nearby", NULL, NULL, FALSE, flags);
  properties[PROP_PAIRING_OPEN] = g_param_spec_boolean ("pairing-open", NULL, NULL, FALSE, flags);
  properties[PROP_RTT_US] = g_param_spec_int64 ("rtt-us", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_LAST_SEEN] =
      g_param_spec_int64 ("last-seen", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wherry_device_init (WherryDevice *self)
{
  self->announced = g_ptr_array_new_with_free_func (g_object_unref);
  self->known = g_ptr_array_new_with_free_func (g_object_unref);
}

WherryDevice *
device_new (const NodeId *id, DeviceState initial)
{
  WherryDevice *self = g_object_new (WHERRY_TYPE_DEVICE, NULL);
  self->info.node_id = *id;
  self->id = node_id_to_hex (id);
  self->state = initial;
  device_name_sanitize (self->info.name, "", -1);
  return self;
}

static void
set_name_and_type (WherryDevice *self, const char *name, DeviceType type)
{
  if (!g_str_equal (self->info.name, name))
    {
      g_strlcpy (self->info.name, name, sizeof self->info.name);
      notify (self, PROP_NAME);
    }
  if (self->info.type != type)
    {
      self->info.type = type;
      notify (self, PROP_DEVICE_TYPE);
    }
}

static void
set_pairing_open (WherryDevice *self, bool pairing_open)
{
  if (self->pairing_open == pairing_open)
    return;
  self->pairing_open = pairing_open;
  notify (self, PROP_PAIRING_OPEN);
}

static void
set_nearby (WherryDevice *self, bool nearby)
{
  if (self->nearby == nearby)
    return;
  self->nearby = nearby;
  notify (self, PROP_NEARBY);
}

void
device_set_info (WherryDevice *self, const DeviceInfo *info)
{
  g_strlcpy (self->info.device_id, info->device_id, sizeof self->info.device_id);
  g_strlcpy (self->info.version, info->version, sizeof self->info.version);
  set_name_and_type (self, info->name, info->type);
}

void
device_set_history (WherryDevice *self, const PairedDevice *paired)
{
  g_ptr_array_set_size (self->known, 0);
  socket_address_list_merge (self->known, paired->addresses, ADDRESSES_MAX);
  if (self->last_seen != paired->last_seen)
    {
      self->last_seen = paired->last_seen;
      notify (self, PROP_LAST_SEEN);
    }
}

void
device_set_root (WherryDevice *self, const uint8_t *root)
{
  uint8_t *copy = NULL;
  if (root)
    {
      copy = secret_new (PAIRING_ROOT_LEN);
      memcpy (copy, root, PAIRING_ROOT_LEN);
    }
  sodium_free (self->root);
  self->root = copy;
}

const uint8_t *
device_get_root (WherryDevice *self)
{
  return self->root;
}

void
device_set_needs_pairing (WherryDevice *self, bool needs_pairing)
{
  if (self->needs_pairing == needs_pairing)
    return;
  self->needs_pairing = needs_pairing;
  notify (self, PROP_NEEDS_PAIRING);
}

void
device_set_nearby (WherryDevice *self, const char *name, DeviceType type, bool pairing_open,
                   GPtrArray *addresses)
{
  g_ptr_array_set_size (self->announced, 0);
  socket_address_list_merge (self->announced, addresses, ADDRESSES_MAX);
  /* Anybody may announce the id of a paired device under another name. */
  if (!device_state_is_paired (self->state) && !self->needs_pairing)
    {
      char safe[DEVICE_NAME_MAX + 1];
      device_name_sanitize (safe, name ? name : "", -1);
      set_name_and_type (self, safe, type);
    }
  set_pairing_open (self, pairing_open);
  set_nearby (self, true);
}

void
device_set_gone (WherryDevice *self)
{
  g_ptr_array_set_size (self->announced, 0);
  set_pairing_open (self, false);
  set_nearby (self, false);
}

void
device_set_rtt (WherryDevice *self, int64_t rtt_us)
{
  if (self->rtt_us == rtt_us)
    return;
  self->rtt_us = rtt_us;
  notify (self, PROP_RTT_US);
}

bool
device_advance (WherryDevice *self, DeviceEvent event)
{
  g_autofree char *tag = node_id_to_short (&self->info.node_id);
  DeviceState before = self->state;
  if (!device_state_advance (&self->state, event))
    {
      g_debug ("[%s] %s: nothing to do for %s", tag, device_state_name (before),
               device_event_name (event));
      return false;
    }
  g_debug ("[%s] %s -> %s", tag, device_state_name (before), device_state_name (self->state));
  if (self->state != before)
    notify (self, PROP_STATE);
  if (device_state_is_paired (self->state) != device_state_is_paired (before))
    notify (self, PROP_PAIRED);
  return true;
}

const NodeId *
wherry_device_get_node_id (WherryDevice *self)
{
  return &self->info.node_id;
}

const char *
wherry_device_get_id (WherryDevice *self)
{
  return self->id;
}

const char *
wherry_device_get_device_id (WherryDevice *self)
{
  return *self->info.device_id ? self->info.device_id : NULL;
}

const char *
wherry_device_get_name (WherryDevice *self)
{
  return self->info.name;
}

DeviceType
wherry_device_get_device_type (WherryDevice *self)
{
  return self->info.type;
}

DeviceState
wherry_device_get_state (WherryDevice *self)
{
  return self->state;
}

bool
wherry_device_get_paired (WherryDevice *self)
{
  return device_state_is_paired (self->state);
}

bool
wherry_device_get_needs_pairing (WherryDevice *self)
{
  return self->needs_pairing;
}

bool
wherry_device_get_nearby (WherryDevice *self)
{
  return self->nearby;
}

bool
wherry_device_get_pairing_open (WherryDevice *self)
{
  return self->pairing_open;
}

int64_t
wherry_device_get_rtt_us (WherryDevice *self)
{
  return self->rtt_us;
}

int64_t
wherry_device_get_last_seen (WherryDevice *self)
{
  return self->last_seen;
}

GPtrArray *
wherry_device_list_addresses (WherryDevice *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);
  socket_address_list_merge (list, self->announced, ADDRESSES_MAX);
  socket_address_list_merge (list, self->known, ADDRESSES_MAX);
  return list;
}
