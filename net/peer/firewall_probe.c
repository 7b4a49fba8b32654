/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/firewall_probe.h"

#include <gio/gio.h>

#include "net/peer/interfaces.h"

#define FIREWALLD      "org.fedoraproject.FirewallD1"
#define FIREWALLD_ZONE FIREWALLD ".zone"

static GVariant *
ask (GDBusConnection *bus, const char *interface, const char *method, const char *argument,
     const char *answer, GError **error)
{
  g_autoptr (GVariant) tuple = g_dbus_connection_call_sync (
      bus, FIREWALLD, "/org/fedoraproject/FirewallD1", interface, method,
      argument ? g_variant_new ("(s)", argument) : NULL, G_VARIANT_TYPE (answer),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, FIREWALL_PROBE_MS, NULL, error);
  return tuple ? g_variant_get_child_value (tuple, 0) : NULL;
}

/* A zone is open by itself or by one of its services. */
static FirewallVerdict
ask_zone (GDBusConnection *bus, const char *zone, uint16_t port, GError **error)
{
  g_autoptr (GVariant) settings =
      ask (bus, FIREWALLD_ZONE, "getZoneSettings2", zone, "(a{sv})", error);
  if (!settings)
    return FIREWALL_UNKNOWN;
  FirewallVerdict verdict = firewall_firewalld (settings, port);
  g_autofree const char **services = NULL;
  g_variant_lookup (settings, "services", "^a&s", &services);
  for (const char **name = services; name && *name && verdict != FIREWALL_OPEN; name++)
    {
      g_autoptr (GVariant) service =
          ask (bus, FIREWALLD, "getServiceSettings2", *name, "(a{sv})", NULL);
      if (service && firewall_firewalld (service, port) == FIREWALL_OPEN)
        verdict = FIREWALL_OPEN;
    }
  return verdict;
}

/* An interface that no zone names is in the default one. */
static char *
zone_of (GDBusConnection *bus, const char *interface, const char *default_zone)
{
  g_autoptr (GVariant) zone =
      ask (bus, FIREWALLD_ZONE, "getZoneOfInterface", interface, "(s)", NULL);
  const char *name = zone ? g_variant_get_string (zone, NULL) : "";
  return g_strdup (*name ? name : default_zone);
}

static bool
is_absent (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

/* Of our own: the shared one would end the program when the bus goes. */
static GDBusConnection *
open_system_bus (void)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  return address ? g_dbus_connection_new_for_address_sync (
                       address,
                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                           G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                       NULL, NULL, NULL)
                 : NULL;
}

static bool
probe_firewalld (FirewallProbe *probe, uint16_t port, GPtrArray *interfaces)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = open_system_bus ();
  g_autoptr (GVariant) zone =
      bus ? ask (bus, FIREWALLD, "getDefaultZone", NULL, "(s)", &error) : NULL;
  if (!bus || is_absent (error))
    return false;
  probe->program = FIREWALL_FIREWALLD;
  probe->verdict = zone ? FIREWALL_OPEN : FIREWALL_UNKNOWN;
  for (guint i = 0; i < interfaces->len && probe->verdict == FIREWALL_OPEN; i++)
    {
      const Interface *interface = g_ptr_array_index (interfaces, i);
      g_free (probe->zone);
      probe->zone = zone_of (bus, interface->name, g_variant_get_string (zone, NULL));
      probe->verdict = ask_zone (bus, probe->zone, port, &error);
    }
  probe->unreadable = error;
  return true;
}

static bool
probe_ufw (FirewallProbe *probe, uint16_t port)
{
  g_autofree char *configuration = NULL, *defaults = NULL, *rules = NULL;
  if (!g_file_get_contents ("/etc/ufw/ufw.conf", &configuration, NULL, NULL) ||
      !firewall_ufw_is_enabled (configuration))
    return false;
  probe->program = FIREWALL_UFW;
  probe->unreadable = !g_file_get_contents ("/etc/default/ufw", &defaults, NULL, NULL) ||
                      !g_file_get_contents ("/etc/ufw/user.rules", &rules, NULL, NULL);
  if (!probe->unreadable)
    probe->verdict = firewall_ufw (defaults, rules, port);
  return true;
}

/* A person's PATH need not have the folder of programs for administrators. */
static char *
find_nft (void)
{
  static const char *const paths[] = { "nft", "/usr/sbin/nft", "/sbin/nft" };
  char *found = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (paths) && !found; i++)
    found = g_find_program_in_path (paths[i]);
  return found;
}

static bool
probe_nftables (FirewallProbe *probe, uint16_t port)
{
  g_autofree char *nft = find_nft (), *ruleset = NULL;
  if (!nft)
    return false;
  const char *const argv[] = { nft, "--json", "list", "ruleset", NULL };
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
  probe->program = FIREWALL_NFTABLES;
  probe->unreadable = !process ||
                      !g_subprocess_communicate_utf8 (process, NULL, NULL, &ruleset, NULL, NULL) ||
                      !g_subprocess_get_successful (process);
  if (!probe->unreadable)
    probe->verdict = firewall_nftables (ruleset, port);
  return true;
}

void
firewall_probe (FirewallProbe *probe, uint16_t port, GPtrArray *interfaces)
{
  *probe = (FirewallProbe) { 0 };
  if (probe_firewalld (probe, port, interfaces) || probe_ufw (probe, port))
    return;
  probe_nftables (probe, port);
}

void
firewall_probe_clear (FirewallProbe *probe)
{
  g_clear_pointer (&probe->zone, g_free);
}
