/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "net/lan/service.h"

#include "net/socket_address.h"

struct _WherryService
{
  GObject parent_instance;

  Announcement announcement;
  GPtrArray *addresses; /* (owned) (element-type GInetSocketAddress) */
};

G_DEFINE_FINAL_TYPE (WherryService, wherry_service, G_TYPE_OBJECT)

static void
wherry_service_finalize (GObject *object)
{
  g_ptr_array_unref (WHERRY_SERVICE (object)->addresses);
  G_OBJECT_CLASS (wherry_service_parent_class)->finalize (object);
}

static void
wherry_service_class_init (WherryServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wherry_service_finalize;
}

static void
wherry_service_init (WherryService *self)
{
  self->addresses = g_ptr_array_new_with_free_func (g_object_unref);
}

WherryService *
wherry_service_new (const NodeId *id)
{
  WherryService *self = g_object_new (WHERRY_TYPE_SERVICE, NULL);
  self->announcement.node_id = *id;
  return self;
}

bool
wherry_service_update (WherryService *self, const Announcement *announcement, GPtrArray *addresses)
{
  if (announcement_equal (&self->announcement, announcement) &&
      socket_address_list_equal (self->addresses, addresses))
    return false;
  self->announcement = *announcement;
  g_ptr_array_set_size (self->addresses, 0);
  socket_address_list_merge (self->addresses, addresses, SERVICE_ADDRESSES_MAX);
  return true;
}

const NodeId *
wherry_service_get_node_id (WherryService *self)
{
  return &self->announcement.node_id;
}

const char *
wherry_service_get_name (WherryService *self)
{
  return self->announcement.name;
}

DeviceType
wherry_service_get_device_type (WherryService *self)
{
  return self->announcement.type;
}

bool
wherry_service_get_pairing_open (WherryService *self)
{
  return self->announcement.pairing_open;
}

GPtrArray *
wherry_service_get_addresses (WherryService *self)
{
  return self->addresses;
}
