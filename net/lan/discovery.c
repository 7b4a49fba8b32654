/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/lan/discovery.h"

#include <avahi-common/error.h>

#include "net/enum_nick.h"
#include "net/lan/browser.h"
#include "net/lan/discovery_testing.h"
#include "net/lan/main_context_poll.h"
#include "net/lan/publisher.h"

#define RETRY_MIN_MS 500
#define RETRY_MAX_MS 30000

struct _WherryDiscovery
{
  GObject parent_instance;

  Announcement announcement;
  uint16_t port;
  bool visible;
  GListStore *services; /* (owned) (element-type WherryService) */
  DiscoveryState state;

  MainContextPoll *poll;
  AvahiClient *client;           /* NULL while we wait to try again */
  AvahiClientState client_state; /* the last one it told */
  int error; /* Avahi's, of the client or of what hangs on it; AVAHI_OK when all is well */
  Publisher *publisher;
  char *host; /* the name that the publisher's records point to */
  Browser *browser;

  GSource *update_source; /* Avahi's callbacks only record: its objects must not be freed inside */
  GSource *retry;
  guint retry_ms;
};

G_DEFINE_FINAL_TYPE (WherryDiscovery, wherry_discovery, G_TYPE_OBJECT)

typedef enum
{
  PROP_STATE = 1,
} DiscoveryProperty;

enum
{
  SIGNAL_FOUND,
  SIGNAL_LOST,
  N_SIGNALS,
};

static GParamSpec *properties[PROP_STATE + 1];
static guint signals[N_SIGNALS];

static void connect_client (WherryDiscovery *self);

static void
set_state (WherryDiscovery *self, DiscoveryState state)
{
  if (self->state == state)
    return;
  g_debug ("discovery: %s -> %s", enum_nick (WHERRY_TYPE_DISCOVERY_STATE, (int) self->state),
           enum_nick (WHERRY_TYPE_DISCOVERY_STATE, (int) state));
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
clear_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
start_source (WherryDiscovery *self, GSource **place, GSource *source, GSourceFunc function)
{
  clear_source (place);
  *place = source;
  g_source_set_callback (source, function, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
drop_client (WherryDiscovery *self)
{
  g_clear_pointer (&self->publisher, publisher_free);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->browser, browser_free);
  g_clear_pointer (&self->client, avahi_client_free);
  clear_source (&self->update_source);
}

static gboolean
retry_cb (gpointer user_data)
{
  WherryDiscovery *self = user_data;
  clear_source (&self->retry);
  connect_client (self);
  return G_SOURCE_REMOVE;
}

/* A daemon that restarts is back within a second, a bus that is not installed never comes: each
 * pause is twice the last one. */
static void
give_up_for_now (WherryDiscovery *self, int error)
{
  bool absent = error == AVAHI_ERR_DISCONNECTED || error == AVAHI_ERR_NO_DAEMON ||
                error == AVAHI_ERR_DBUS_ERROR;
  g_debug ("discovery: %s; trying again in %u ms", avahi_strerror (error), self->retry_ms);
  drop_client (self);
  start_source (self, &self->retry, g_timeout_source_new (self->retry_ms), retry_cb);
  self->retry_ms = MIN (2 * self->retry_ms, RETRY_MAX_MS);
  set_state (self, absent ? DISCOVERY_NO_DAEMON : DISCOVERY_FAILED);
}

static gboolean update_cb (gpointer user_data);

static void
update_soon (WherryDiscovery *self)
{
  if (!self->update_source)
    start_source (self, &self->update_source, g_idle_source_new (), update_cb);
}

static void
failed_cb (int error, gpointer user_data)
{
  WherryDiscovery *self = user_data;
  self->error = error;
  update_soon (self);
}

static void
found_cb (WherryService *service, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_FOUND], 0, service);
}

static void
lost_cb (WherryService *service, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_LOST], 0, service);
}

static const BrowserEvents browser_events = {
  .found = found_cb,
  .lost = lost_cb,
  .failed = failed_cb,
};

/* The daemon registers its host anew with each change of an address. Services need that only when
 * the host got another name: withdrawing them each time would make this device flicker at all
 * others. */
static void
announce (WherryDiscovery *self)
{
  const char *host = avahi_client_get_host_name_fqdn (self->client);
  if (!self->visible || g_strcmp0 (host, self->host) != 0)
    g_clear_pointer (&self->publisher, publisher_free);
  g_set_str (&self->host, host);
  if (!self->visible)
    return;
  if (self->publisher)
    publisher_update (self->publisher, &self->announcement);
  else
    self->publisher =
        publisher_new (self->client, &self->announcement, self->port, failed_cb, self);
}

static void
run (WherryDiscovery *self)
{
  if (!self->browser)
    self->browser = browser_new (self->client, &self->announcement.node_id, self->services,
                                 &browser_events, self);
  if (!self->browser)
    {
      give_up_for_now (self, avahi_client_errno (self->client));
      return;
    }
  announce (self);
  /* failed_cb() was called inside announce(): update_cb() runs again and gives up. */
  if (self->error != AVAHI_OK)
    return;
  self->retry_ms = RETRY_MIN_MS;
  set_state (self, DISCOVERY_RUNNING);
}

static gboolean
update_cb (gpointer user_data)
{
  WherryDiscovery *self = user_data;
  clear_source (&self->update_source);
  if (self->error != AVAHI_OK)
    {
      give_up_for_now (self, self->error);
      return G_SOURCE_REMOVE;
    }
  switch (self->client_state)
    {
    case AVAHI_CLIENT_S_RUNNING:
      run (self);
      break;
    case AVAHI_CLIENT_S_REGISTERING:
    case AVAHI_CLIENT_S_COLLISION:
      if (self->state != DISCOVERY_RUNNING)
        set_state (self, DISCOVERY_STARTING);
      break;
    case AVAHI_CLIENT_CONNECTING:
      /* The bus is there, and tells the client when the daemon comes. */
      set_state (self, DISCOVERY_NO_DAEMON);
      break;
    case AVAHI_CLIENT_FAILURE:
      give_up_for_now (self, avahi_client_errno (self->client));
      break;
    }
  return G_SOURCE_REMOVE;
}

static void
client_cb (AvahiClient *client, AvahiClientState state, void *user_data)
{
  WherryDiscovery *self = user_data;
  self->client_state = state;
  update_soon (self);
}

static void
connect_client (WherryDiscovery *self)
{
  int error = AVAHI_OK;
  self->error = AVAHI_OK;
  self->client = avahi_client_new (main_context_poll_get (self->poll), AVAHI_CLIENT_NO_FAIL,
                                   client_cb, self, &error);
  if (!self->client)
    give_up_for_now (self, error);
}

static void
wherry_discovery_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((DiscoveryProperty) id)
    {
    case PROP_STATE:
      g_value_set_enum (value, WHERRY_DISCOVERY (object)->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
wherry_discovery_dispose (GObject *object)
{
  wherry_discovery_stop (WHERRY_DISCOVERY (object));
  G_OBJECT_CLASS (wherry_discovery_parent_class)->dispose (object);
}

static void
wherry_discovery_finalize (GObject *object)
{
  g_object_unref (WHERRY_DISCOVERY (object)->services);
  G_OBJECT_CLASS (wherry_discovery_parent_class)->finalize (object);
}

static void
wherry_discovery_class_init (WherryDiscoveryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = wherry_discovery_get_property;
  object_class->dispose = wherry_discovery_dispose;
  object_class->finalize = wherry_discovery_finalize;

  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, WHERRY_TYPE_DISCOVERY_STATE, DISCOVERY_OFF,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  signals[SIGNAL_FOUND] = g_signal_new ("found", WHERRY_TYPE_DISCOVERY, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, WHERRY_TYPE_SERVICE);
  signals[SIGNAL_LOST] = g_signal_new ("lost", WHERRY_TYPE_DISCOVERY, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, WHERRY_TYPE_SERVICE);
}

static void
wherry_discovery_init (WherryDiscovery *self)
{
  self->services = g_list_store_new (WHERRY_TYPE_SERVICE);
  self->visible = true;
}

WherryDiscovery *
wherry_discovery_new (const DeviceInfo *info, uint16_t port)
{
  WherryDiscovery *self = g_object_new (WHERRY_TYPE_DISCOVERY, NULL);
  self->announcement = (Announcement) { .node_id = info->node_id, .type = info->type };
  g_strlcpy (self->announcement.name, info->name, sizeof self->announcement.name);
  g_strlcpy (self->announcement.version, info->version, sizeof self->announcement.version);
  self->port = port;
  return self;
}

void
wherry_discovery_start (WherryDiscovery *self)
{
  if (self->poll)
    return;
  self->poll = main_context_poll_new (g_main_context_get_thread_default ());
  self->retry_ms = RETRY_MIN_MS;
  set_state (self, DISCOVERY_STARTING);
  connect_client (self);
}

void
wherry_discovery_stop (WherryDiscovery *self)
{
  clear_source (&self->retry);
  drop_client (self);
  g_clear_pointer (&self->poll, main_context_poll_free);
  set_state (self, DISCOVERY_OFF);
}

DiscoveryState
wherry_discovery_get_state (WherryDiscovery *self)
{
  return self->state;
}

/* Several changes of one turn of the main loop are announced together. */
static void
announce_again (WherryDiscovery *self)
{
  if (self->client)
    update_soon (self);
}

void
wherry_discovery_set_visible (WherryDiscovery *self, bool visible)
{
  self->visible = visible;
  announce_again (self);
}

void
wherry_discovery_set_name (WherryDiscovery *self, const char *name)
{
  device_name_sanitize (self->announcement.name, name, -1);
  announce_again (self);
}

void
wherry_discovery_set_pairing_open (WherryDiscovery *self, bool pairing_open)
{
  self->announcement.pairing_open = pairing_open;
  announce_again (self);
}

GListModel *
wherry_discovery_get_services (WherryDiscovery *self)
{
  return G_LIST_MODEL (self->services);
}
