/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "net/lan/browser.h"

#include <avahi-client/lookup.h>
#include <avahi-common/error.h>

#include "net/socket_address.h"

struct Browser
{
  AvahiClient *client; /* borrowed */
  AvahiServiceBrowser *avahi;
  NodeId own;
  GPtrArray *sightings;   /* (owned) (element-type Sighting) in the order of arrival */
  GHashTable *departures; /* (owned) NodeId -> Departure: seen nowhere any more, since a moment */
  GListStore *services;   /* borrowed */
  const BrowserEvents *events;
  gpointer user_data;
};

/* One service on one interface by one protocol. */
typedef struct
{
  Browser *browser;
  AvahiIfIndex interface;
  AvahiProtocol protocol;
  char *name;
  char *domain;
  AvahiServiceResolver *resolver;
  GInetSocketAddress *address; /* NULL until it is resolved */
  Announcement announcement;
} Sighting;

typedef struct
{
  Browser *browser;
  NodeId id;
  guint source;
} Departure;

static void
departure_free (gpointer data)
{
  Departure *departure = data;
  g_clear_handle_id (&departure->source, g_source_remove);
  g_free (departure);
}

static void
sighting_free (Sighting *sighting)
{
  g_clear_pointer (&sighting->resolver, avahi_service_resolver_free);
  g_clear_object (&sighting->address);
  g_free (sighting->name);
  g_free (sighting->domain);
  g_free (sighting);
}

static GInetSocketAddress *
socket_address_from_avahi (const AvahiAddress *address, AvahiIfIndex interface, uint16_t port)
{
  GSocketFamily family =
      address->proto == AVAHI_PROTO_INET6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4;
  g_autoptr (GInetAddress) host = g_inet_address_new_from_bytes (address->data.data, family);
  /* A link-local IPv6 address means nothing without its link (RFC 4007, section 6). */
  bool needs_link = family == G_SOCKET_FAMILY_IPV6 && g_inet_address_get_is_link_local (host);
  guint scope = needs_link ? (guint) interface : 0;

  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", host, "port", (guint) port,
                       "scope-id", scope, NULL);
}

static WherryService *
find_service (Browser *browser, const NodeId *id, guint *at)
{
  GListModel *model = G_LIST_MODEL (browser->services);
  for (*at = 0; *at < g_list_model_get_n_items (model); (*at)++)
    {
      g_autoptr (WherryService) service = g_list_model_get_item (model, *at);
      if (node_id_equal (wherry_service_get_node_id (service), id))
        return service;
    }
  return NULL;
}

static bool
is_of (const Sighting *sighting, const NodeId *id)
{
  return sighting->address && node_id_equal (&sighting->announcement.node_id, id);
}

static gboolean departed_cb (gpointer data);

static void
begin_departure (Browser *browser, const NodeId *id)
{
  if (g_hash_table_contains (browser->departures, id))
    return;
  Departure *departure = g_new (Departure, 1);
  *departure = (Departure) { .browser = browser, .id = *id };
  departure->source = g_timeout_add (BROWSER_LINGER_MS, departed_cb, departure);
  g_hash_table_insert (browser->departures, &departure->id, departure);
}

/* The list as it should be now for one device: what its sightings say together. Nothing is left of
 * one that has @departed. */
static void
update_service (Browser *browser, const NodeId *id, const Announcement *latest, bool departed)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  guint at;
  g_autoptr (WherryService) service = find_service (browser, id, &at);
  bool is_new = !service;
  if (service)
    g_object_ref (service);
  for (guint i = 0; i < browser->sightings->len; i++)
    {
      const Sighting *sighting = g_ptr_array_index (browser->sightings, i);
      if (!is_of (sighting, id))
        continue;
      latest = latest ? latest : &sighting->announcement;
      if (addresses->len < SERVICE_ADDRESSES_MAX &&
          !g_ptr_array_find_with_equal_func (addresses, sighting->address, socket_address_equal,
                                             NULL))
        g_ptr_array_add (addresses, sighting->address);
    }

  if (addresses->len == 0)
    {
      if (is_new)
        return;
      if (!departed)
        {
          begin_departure (browser, id);
          return;
        }
      g_list_store_remove (browser->services, at);
      browser->events->lost (service, browser->user_data);
      return;
    }
  /* It is back; should it leave again, it has the whole time once more. */
  g_hash_table_remove (browser->departures, id);
  if (is_new && at >= BROWSER_SERVICES_MAX)
    return;
  if (is_new)
    service = wherry_service_new (id);
  if (!wherry_service_update (service, latest, addresses))
    return;
  if (is_new)
    g_list_store_append (browser->services, service);
  browser->events->found (service, browser->user_data);
}

static void
refresh_service (Browser *browser, const NodeId *id, const Announcement *latest)
{
  update_service (browser, id, latest, false);
}

static gboolean
departed_cb (gpointer data)
{
  Departure *departure = data;
  Browser *browser = departure->browser;
  NodeId id = departure->id;
  departure->source = 0;
  g_hash_table_remove (browser->departures, &id);
  update_service (browser, &id, NULL, true);
  return G_SOURCE_REMOVE;
}

/* Takes @address. */
static void
sighting_resolved (Sighting *sighting, const Announcement *announcement,
                   GInetSocketAddress *address)
{
  Browser *browser = sighting->browser;
  NodeId before = sighting->announcement.node_id;
  bool had_other = sighting->address && !node_id_equal (&before, &announcement->node_id);
  g_clear_object (&sighting->address);
  sighting->address = address;
  sighting->announcement = *announcement;
  if (had_other)
    refresh_service (browser, &before, NULL);
  refresh_service (browser, &announcement->node_id, announcement);
}

static void
sighting_unresolved (Sighting *sighting)
{
  Browser *browser = sighting->browser;
  NodeId id = sighting->announcement.node_id;
  if (!sighting->address)
    return;
  g_clear_object (&sighting->address);
  refresh_service (browser, &id, NULL);
}

static void
resolver_cb (AvahiServiceResolver *resolver, AvahiIfIndex interface, AvahiProtocol protocol,
             AvahiResolverEvent event, const char *name, const char *type, const char *domain,
             const char *host_name, const AvahiAddress *address, uint16_t port,
             AvahiStringList *txt, AvahiLookupResultFlags flags, void *user_data)
{
  Sighting *sighting = user_data;
  g_autofree char *escaped = g_strescape (sighting->name, NULL);
  Announcement announcement;
  if (event == AVAHI_RESOLVER_FAILURE)
    {
      /* The daemon goes on looking, and the same resolver tells when it finds. */
      g_debug ("“%s” does not resolve: %s", escaped,
               avahi_strerror (avahi_client_errno (sighting->browser->client)));
      sighting_unresolved (sighting);
    }
  else if (port == 0 || !announcement_parse (&announcement, txt))
    {
      g_debug ("“%s” does not announce itself as Wherry does", escaped);
      sighting_unresolved (sighting);
    }
  else if (node_id_equal (&announcement.node_id, &sighting->browser->own))
    sighting_unresolved (sighting);
  else
    sighting_resolved (sighting, &announcement,
                       socket_address_from_avahi (address, interface, port));
}

static bool
is_at (const Sighting *sighting, AvahiIfIndex interface, AvahiProtocol protocol, const char *name,
       const char *domain)
{
  return sighting->interface == interface && sighting->protocol == protocol &&
         g_str_equal (sighting->name, name) && g_str_equal (sighting->domain, domain);
}

static void
add_sighting (Browser *browser, AvahiIfIndex interface, AvahiProtocol protocol, const char *name,
              const char *type, const char *domain)
{
  if (browser->sightings->len >= BROWSER_SIGHTINGS_MAX)
    {
      g_debug ("more services than %d: the rest is not looked at", BROWSER_SIGHTINGS_MAX);
      return;
    }
  Sighting *sighting = g_new (Sighting, 1);
  *sighting = (Sighting) {
    .browser = browser,
    .interface = interface,
    .protocol = protocol,
    .name = g_strdup (name),
    .domain = g_strdup (domain),
  };
  g_ptr_array_add (browser->sightings, sighting);
  /* An address of the protocol that the service was seen by: that one is known to work. */
  sighting->resolver = avahi_service_resolver_new (browser->client, interface, protocol, name, type,
                                                   domain, protocol, 0, resolver_cb, sighting);
  if (!sighting->resolver)
    g_debug ("a service cannot be resolved: %s",
             avahi_strerror (avahi_client_errno (browser->client)));
}

static void
remove_sighting (Browser *browser, AvahiIfIndex interface, AvahiProtocol protocol, const char *name,
                 const char *domain)
{
  for (guint i = 0; i < browser->sightings->len; i++)
    {
      Sighting *sighting = g_ptr_array_index (browser->sightings, i);
      if (is_at (sighting, interface, protocol, name, domain))
        {
          g_ptr_array_steal_index (browser->sightings, i);
          sighting_unresolved (sighting);
          sighting_free (sighting);
          return;
        }
    }
}

static void
browser_cb (AvahiServiceBrowser *avahi, AvahiIfIndex interface, AvahiProtocol protocol,
            AvahiBrowserEvent event, const char *name, const char *type, const char *domain,
            AvahiLookupResultFlags flags, void *user_data)
{
  Browser *browser = user_data;
  switch (event)
    {
    case AVAHI_BROWSER_NEW:
      add_sighting (browser, interface, protocol, name, type, domain);
      break;
    case AVAHI_BROWSER_REMOVE:
      remove_sighting (browser, interface, protocol, name, domain);
      break;
    case AVAHI_BROWSER_FAILURE:
      browser->events->failed (avahi_client_errno (browser->client), browser->user_data);
      break;
    case AVAHI_BROWSER_CACHE_EXHAUSTED:
    case AVAHI_BROWSER_ALL_FOR_NOW:
      break;
    }
}

Browser *
browser_new (AvahiClient *client, const NodeId *own, GListStore *services,
             const BrowserEvents *events, gpointer user_data)
{
  Browser *browser = g_new (Browser, 1);
  *browser = (Browser) {
    .client = client,
    .own = *own,
    .sightings = g_ptr_array_new_with_free_func ((GDestroyNotify) sighting_free),
    .departures = g_hash_table_new_full (node_id_hash, node_id_equal_cb, NULL, departure_free),
    .services = services,
    .events = events,
    .user_data = user_data,
  };
  browser->avahi =
      avahi_service_browser_new (client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
                                 ANNOUNCEMENT_SERVICE_TYPE, NULL, 0, browser_cb, browser);
  if (browser->avahi)
    return browser;
  browser_free (browser);
  return NULL;
}

void
browser_free (Browser *browser)
{
  if (!browser)
    return;
  GListModel *model = G_LIST_MODEL (browser->services);
  g_clear_pointer (&browser->avahi, avahi_service_browser_free);
  g_ptr_array_set_size (browser->sightings, 0);
  for (guint n; (n = g_list_model_get_n_items (model)) > 0;)
    {
      g_autoptr (WherryService) service = g_list_model_get_item (model, n - 1);
      g_list_store_remove (browser->services, n - 1);
      browser->events->lost (service, browser->user_data);
    }
  g_ptr_array_unref (browser->sightings);
  g_hash_table_unref (browser->departures);
  g_free (browser);
}
