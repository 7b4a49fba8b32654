/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Discovery against a real avahi-daemon: run by tests/avahi-session, which also tells where the
 * daemons can be stopped. */
#include "net/lan/discovery.h"

#include <avahi-client/lookup.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "net/lan/announcement.h"
#include "net/lan/browser.h"
#include "net/lan/discovery_testing.h"
#include "net/lan/main_context_poll.h"
#include "tests/support/wait.h"

static DeviceInfo
device_numbered (uint8_t number, const char *name)
{
  DeviceInfo info = { .type = DEVICE_LAPTOP, .version = "1.0" };
  uint8_t seed[NODE_SEED_LEN];
  g_autoptr (NodeIdentity) identity = NULL;
  memset (seed, number, sizeof seed);
  identity = node_identity_from_seed (seed);
  info.node_id = *node_identity_get_id (identity);
  g_strlcpy (info.name, name, sizeof info.name);
  return info;
}

static WherryDiscovery *
start (uint8_t number, const char *name, uint16_t port)
{
  DeviceInfo info = device_numbered (number, name);
  WherryDiscovery *discovery = wherry_discovery_new (&info, port);
  wherry_discovery_start (discovery);
  return discovery;
}

#define await_state(discovery, wanted)                                                             \
  wait_until (wherry_discovery_get_state (discovery) == (wanted))

/* What @discovery knows of a device; NULL for nothing. */
static WherryService *
service_numbered (WherryDiscovery *discovery, uint8_t number)
{
  DeviceInfo info = device_numbered (number, "");
  GListModel *services = wherry_discovery_get_services (discovery);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (WherryService) service = g_list_model_get_item (services, i);
      if (node_id_equal (wherry_service_get_node_id (service), &info.node_id))
        return service;
    }
  return NULL;
}

static bool
is_named (WherryDiscovery *discovery, uint8_t number, const char *name)
{
  WherryService *service = service_numbered (discovery, number);
  return service && g_str_equal (wherry_service_get_name (service), name);
}

static bool
has_open_pairing (WherryDiscovery *discovery, uint8_t number)
{
  WherryService *service = service_numbered (discovery, number);
  return service && wherry_service_get_pairing_open (service);
}

static void
count_cb (WherryDiscovery *discovery, WherryService *service, guint *n)
{
  (*n)++;
}

static void
test_appears_changes_disappears (void)
{
  WherryDiscovery *one = start (1, "First", 4711);
  WherryDiscovery *two = start (2, "Second", 4712);
  guint found = 0, lost = 0;
  g_signal_connect (one, "found", G_CALLBACK (count_cb), &found);
  g_signal_connect (one, "lost", G_CALLBACK (count_cb), &lost);
  wait_until (service_numbered (one, 2) && service_numbered (two, 1));
  g_assert_cmpint (wherry_discovery_get_state (one), ==, DISCOVERY_RUNNING);

  WherryService *service = service_numbered (one, 2);
  g_assert_cmpstr (wherry_service_get_name (service), ==, "Second");
  g_assert_cmpint (wherry_service_get_device_type (service), ==, DEVICE_LAPTOP);
  g_assert_false (wherry_service_get_pairing_open (service));
  GPtrArray *addresses = wherry_service_get_addresses (service);
  g_assert_cmpuint (addresses->len, >=, 1);
  g_assert_cmpuint (g_inet_socket_address_get_port (g_ptr_array_index (addresses, 0)), ==, 4712);
  /* Nobody finds himself. */
  g_assert_null (service_numbered (one, 1));

  wherry_discovery_set_pairing_open (two, TRUE);
  wait_until (has_open_pairing (one, 2));
  wherry_discovery_set_pairing_open (two, FALSE);
  wait_until (!has_open_pairing (one, 2));
  g_assert_cmpuint (lost, ==, 0);

  /* The device is there all the time, under the old name or the new one. */
  wherry_discovery_set_name (two, "Renamed\u202e");
  wait_until (is_named (one, 2, "Renamed"));
  g_assert_cmpuint (lost, ==, 0);
  g_assert_true (service_numbered (one, 2) == service);

  wherry_discovery_set_visible (two, FALSE);
  wait_until (!service_numbered (one, 2));
  g_assert_cmpuint (lost, ==, 1);
  g_assert_nonnull (service_numbered (two, 1));
  wherry_discovery_set_visible (two, TRUE);
  wait_until (is_named (one, 2, "Renamed"));

  g_assert_finalize_object (two);
  wait_until (!service_numbered (one, 2));
  g_assert_cmpuint (lost, ==, 2);
  g_assert_cmpuint (found, >=, 5);
  g_assert_finalize_object (one);
}

static gboolean
done_cb (gpointer done)
{
  *(bool *) done = true;
  return G_SOURCE_REMOVE;
}

/* Instances of our service as the daemon itself sees them now, on all links together. */
typedef struct
{
  MainContextPoll *poll;
  AvahiClient *client;
  AvahiServiceBrowser *browser;
  int n_instances;
} RawBrowser;

static void
raw_cb (AvahiServiceBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
        AvahiBrowserEvent event, const char *name, const char *type, const char *domain,
        AvahiLookupResultFlags flags, void *user_data)
{
  RawBrowser *raw = user_data;
  raw->n_instances += event == AVAHI_BROWSER_NEW ? 1 : event == AVAHI_BROWSER_REMOVE ? -1 : 0;
}

static void
raw_browser_init (RawBrowser *raw)
{
  raw->n_instances = 0;
  raw->poll = main_context_poll_new (NULL);
  raw->client = avahi_client_new (main_context_poll_get (raw->poll), 0, NULL, NULL, NULL);
  g_assert_nonnull (raw->client);
  raw->browser = avahi_service_browser_new (raw->client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
                                            ANNOUNCEMENT_SERVICE_TYPE, NULL, 0, raw_cb, raw);
}

static void
raw_browser_clear (RawBrowser *raw)
{
  avahi_service_browser_free (raw->browser);
  avahi_client_free (raw->client);
  main_context_poll_free (raw->poll);
}

/* A device that left, came back and leaves again has the whole time to come back once more: the
 * timer of the first leaving has no say. Ours is set before the second leaving, and shorter, so
 * that it is always first. */
static void
test_leaves_twice (void)
{
  WherryDiscovery *one = start (1, "First", 4711);
  WherryDiscovery *two = start (2, "Second", 4712);
  guint lost = 0;
  bool done = false;
  g_signal_connect (one, "lost", G_CALLBACK (count_cb), &lost);
  RawBrowser raw;
  raw_browser_init (&raw);
  wherry_discovery_set_visible (one, FALSE);
  wait_until (service_numbered (one, 2) && raw.n_instances > 0 && !service_numbered (two, 1));
  wherry_discovery_set_visible (two, FALSE);
  wait_until (raw.n_instances == 0);
  wherry_discovery_set_name (two, "Again");
  wherry_discovery_set_visible (two, TRUE);
  wait_until (is_named (one, 2, "Again") || lost > 0);
  if (lost > 0)
    g_test_skip ("the daemon took too long to announce it again");
  else
    {
      g_timeout_add (BROWSER_LINGER_MS - 100, done_cb, &done);
      wherry_discovery_set_visible (two, FALSE);
      wait_until (done);
      g_assert_cmpuint (lost, ==, 0);
      wait_until (!service_numbered (one, 2));
      g_assert_cmpuint (lost, ==, 1);
    }
  raw_browser_clear (&raw);
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

/* Two devices of one name: both are seen, under the names they gave themselves. */
static void
test_name_collision (void)
{
  WherryDiscovery *one = start (1, "Twin", 4711);
  WherryDiscovery *two = start (2, "Twin", 4712);
  WherryDiscovery *watcher = start (3, "Watcher", 4713);
  wait_until (is_named (watcher, 1, "Twin") && is_named (watcher, 2, "Twin"));
  wait_until (is_named (one, 2, "Twin") && is_named (two, 1, "Twin"));
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
  g_assert_finalize_object (watcher);
}

/* A byte longer than a DNS label may be: the label is cut before the last character, the name we
 * announce is not. */
static void
test_longest_name (void)
{
  g_autofree char *name = g_strconcat ("a", NULL);
  for (int i = 0; i < 6; i++)
    {
      char *longer = g_strconcat (name, "漢字漢字", NULL);
      g_free (name);
      name = longer;
    }
  DeviceInfo info = device_numbered (1, "");
  device_name_sanitize (info.name, name, -1);
  g_assert_cmpuint (strlen (info.name), ==, DEVICE_NAME_MAX);
  WherryDiscovery *one = start (1, info.name, 4711);
  WherryDiscovery *two = start (2, "Watcher", 4712);
  wait_until (is_named (two, 1, info.name));
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

static void
stop_daemon (const char *name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.pid", g_getenv ("AVAHI_SESSION"), name);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_no_errno (kill (atoi (text), SIGTERM));
}

static void
start_daemon (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("AVAHI_SESSION"), name, NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_spawn_async (NULL, (char *[]) { path, NULL }, NULL,
                                G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                                NULL, &error));
}

static void
run (const char *command)
{
  int status;
  g_autoptr (GError) error = NULL;
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, &error));
  g_assert_true (g_spawn_check_wait_status (status, &error));
}

static guint
count_addresses (WherryDiscovery *discovery, uint8_t number, GSocketFamily family, bool link_local)
{
  WherryService *service = service_numbered (discovery, number);
  GPtrArray *addresses = service ? wherry_service_get_addresses (service) : NULL;
  guint n = 0;
  for (guint i = 0; addresses && i < addresses->len; i++)
    {
      GInetSocketAddress *address = g_ptr_array_index (addresses, i);
      GInetAddress *host = g_inet_socket_address_get_address (address);
      if (g_inet_address_get_family (host) != family ||
          g_inet_address_get_is_link_local (host) != link_local)
        continue;
      n++;
      if (family == G_SOCKET_FAMILY_IPV6)
        g_assert_cmpuint (g_inet_socket_address_get_scope_id (address) != 0, ==, link_local);
    }
  return n;
}

static guint
count_services (WherryDiscovery *discovery)
{
  return g_list_model_get_n_items (wherry_discovery_get_services (discovery));
}

/* One device on a loopback and on a cable with both protocols is one service with all its
 * addresses. */
static void
test_several_interfaces (void)
{
  WherryDiscovery *one = start (1, "First", 4711);
  WherryDiscovery *two = start (2, "Second", 4712);
  guint lost = 0;

  /* A service of the test before may still be on its way out. */
  wait_until (service_numbered (one, 2) && count_services (one) == 1);
  g_signal_connect (one, "lost", G_CALLBACK (count_cb), &lost);
  run ("ip link add wherry0 type veth peer name wherry1");
  run ("ip addr add 192.0.2.1/24 dev wherry0");
  run ("ip link set wherry1 up");
  run ("ip link set wherry0 up");
  wait_until (count_addresses (one, 2, G_SOCKET_FAMILY_IPV4, false) == 2 &&
              count_addresses (one, 2, G_SOCKET_FAMILY_IPV6, true) == 1);
  g_assert_cmpuint (count_services (one), ==, 1);

  run ("ip link del wherry0");
  wait_until (count_addresses (one, 2, G_SOCKET_FAMILY_IPV4, false) == 1 &&
              count_addresses (one, 2, G_SOCKET_FAMILY_IPV6, true) == 0);
  g_assert_cmpuint (lost, ==, 0);
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

static void
test_daemon_restarts (void)
{
  WherryDiscovery *one = start (1, "First", 4711);
  WherryDiscovery *two = start (2, "Second", 4712);
  wait_until (service_numbered (one, 2) && service_numbered (two, 1));
  stop_daemon ("avahi");
  await_state (one, DISCOVERY_NO_DAEMON);
  g_assert_null (service_numbered (one, 2));
  await_state (two, DISCOVERY_NO_DAEMON);

  start_daemon ("avahi");
  await_state (one, DISCOVERY_RUNNING);
  wait_until (service_numbered (one, 2) && service_numbered (two, 1));
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

static void
test_bus_restarts (void)
{
  WherryDiscovery *one = start (1, "First", 4711);
  await_state (one, DISCOVERY_RUNNING);
  stop_daemon ("avahi");
  stop_daemon ("bus");
  await_state (one, DISCOVERY_NO_DAEMON);

  /* Started without any bus, as in a container. */
  WherryDiscovery *two = start (2, "Second", 4712);
  await_state (two, DISCOVERY_NO_DAEMON);
  start_daemon ("bus");
  start_daemon ("avahi");
  wait_until (service_numbered (one, 2) && service_numbered (two, 1));
  g_assert_finalize_object (one);

  wherry_discovery_stop (two);
  g_assert_cmpint (wherry_discovery_get_state (two), ==, DISCOVERY_OFF);
  g_assert_cmpuint (count_services (two), ==, 0);
  wherry_discovery_start (two);
  await_state (two, DISCOVERY_RUNNING);
  g_assert_finalize_object (two);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!g_getenv ("AVAHI_SESSION"))
    {
      g_print ("1..0 # SKIP run by tests/avahi-session\n");
      return 0;
    }
  g_test_add_func ("/discovery/appears-changes-disappears", test_appears_changes_disappears);
  g_test_add_func ("/discovery/leaves-twice", test_leaves_twice);
  g_test_add_func ("/discovery/name-collision", test_name_collision);
  g_test_add_func ("/discovery/longest-name", test_longest_name);
  g_test_add_func ("/discovery/several-interfaces", test_several_interfaces);
  g_test_add_func ("/discovery/daemon-restarts", test_daemon_restarts);
  g_test_add_func ("/discovery/bus-restarts", test_bus_restarts);
  return g_test_run ();
}
