/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/peer/doctor.h"

#include <glib/gi18n-lib.h>

#include "net/async/worker.h"
#include "net/peer/firewall_probe.h"
#include "net/peer/interfaces.h"
#include "net/peer/port_holder.h"

/* A datagram of QUIC with 1200 bytes, in IPv6. */
#define MTU_MIN 1280

/* What is found out on another thread, because it blocks. */
typedef struct
{
  uint16_t port;
  GPtrArray *interfaces; /* (owned) (element-type Interface) */
  bool taken;            /* somebody else has the default port */
  char *holder;          /* (owned) (nullable) */
  int64_t holder_pid;
  bool look_at_firewall;
  FirewallProbe firewall;
} Facts;

static bool
gather (gpointer data, GError **error)
{
  Facts *facts = data;
  facts->interfaces = interfaces_list ();
  if (facts->port != QUIC_DEFAULT_PORT)
    facts->taken = port_holder_find (QUIC_DEFAULT_PORT, &facts->holder, &facts->holder_pid);
  if (facts->look_at_firewall)
    firewall_probe (&facts->firewall, facts->port, facts->interfaces);
  return true;
}

static void
facts_clear (Facts *facts)
{
  g_clear_pointer (&facts->interfaces, g_ptr_array_unref);
  g_free (facts->holder);
  firewall_probe_clear (&facts->firewall);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Facts, facts_clear)

static void
add (GPtrArray *findings, FindingKind kind, FindingSeverity severity, char *cause,
     const char *remedy, char *command)
{
  g_ptr_array_add (findings, finding_new (kind, severity, cause, g_strdup (remedy), command));
}

static void
tell_interface (const Interface *interface, GPtrArray *findings)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_copy (interface->addresses, NULL, NULL);
  g_ptr_array_set_free_func (texts, NULL);
  g_ptr_array_add (texts, NULL);
  g_autofree char *addresses = g_strjoinv (", ", (char **) texts->pdata);
  add (findings, FINDING_INTERFACE, FINDING_OK,
       g_strdup_printf (_ ("%s has %s, and packets of up to %u bytes."), interface->name, addresses,
                        interface->mtu),
       NULL, NULL);
  if (interface->mtu && interface->mtu < MTU_MIN)
    add (findings, FINDING_MTU, FINDING_PROBLEM,
         g_strdup_printf (_ ("%s takes packets of %u bytes at most, and Wherry needs %d."),
                          interface->name, interface->mtu, MTU_MIN),
         _ ("Set a larger MTU, with the command below or in the settings of the network."),
         g_strdup_printf ("sudo ip link set dev %s mtu 1500", interface->name));
  if (interface->tunnel)
    add (
        findings, FINDING_VPN, FINDING_WARNING,
        g_strdup_printf (_ ("%s is a VPN or another tunnel."), interface->name),
        _ ("Some VPNs keep this computer from others on its own network. If devices are not found, allow local connections in the settings of the VPN, or disconnect it."),
        NULL);
}

static void
tell_interfaces (const Facts *facts, GPtrArray *findings)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = 0;
  for (guint i = 0; i < facts->interfaces->len; i++)
    {
      const Interface *interface = g_ptr_array_index (facts->interfaces, i);
      tell_interface (interface, findings);
      if (interface->tunnel)
        continue;
      g_string_append_printf (names, "%s%s", n++ ? ", " : "", interface->name);
    }
  if (n > 1)
    add (
        findings, FINDING_NETWORKS, FINDING_OK,
        g_strdup_printf (_ ("This computer is on several networks: %s."), names->str),
        _ ("Another device has to be on one of them. A guest network is another one, even of the same router."),
        NULL);
  else if (facts->interfaces->len == 0)
    add (findings, FINDING_INTERFACE, FINDING_PROBLEM,
         g_strdup (_ ("This computer is not connected to any network.")),
         _ ("Connect it by Wi-Fi or by a cable."), NULL);
}

static void
tell_port (const Facts *facts, GPtrArray *findings)
{
  const char *remedy = _ (
      "Devices on this network find the other port by themselves; a firewall has to let it in. To have the usual one, end that program, then start Wherry again.");
  if (facts->port == QUIC_DEFAULT_PORT)
    add (findings, FINDING_PORT, FINDING_OK,
         g_strdup_printf (_ ("Wherry listens on UDP port %u."), facts->port), NULL, NULL);
  else if (facts->holder)
    add (findings, FINDING_PORT, FINDING_WARNING,
         g_strdup_printf (_ ("“%s” (process %ld) has UDP port %d, so Wherry listens on %u."),
                          facts->holder, (long) facts->holder_pid, QUIC_DEFAULT_PORT, facts->port),
         remedy, NULL);
  else if (facts->taken)
    add (findings, FINDING_PORT, FINDING_WARNING,
         g_strdup_printf (_ ("Another program has UDP port %d, so Wherry listens on %u."),
                          QUIC_DEFAULT_PORT, facts->port),
         remedy, g_strdup_printf ("sudo ss -lunp sport = :%d", QUIC_DEFAULT_PORT));
  else
    add (findings, FINDING_PORT, FINDING_OK,
         g_strdup_printf (_ ("Wherry listens on UDP port %u, which is not its usual one, %d."),
                          facts->port, QUIC_DEFAULT_PORT),
         _ ("Devices on this network find it by themselves; a firewall has to let it in."), NULL);
}

static char *
opening_command (const FirewallProbe *probe, uint16_t port)
{
  switch (probe->program)
    {
    case FIREWALL_FIREWALLD:
      return g_strdup_printf ("sudo firewall-cmd --permanent%s%s --add-port=%u/udp && "
                              "sudo firewall-cmd --reload",
                              probe->zone ? " --zone=" : "", probe->zone ? probe->zone : "", port);
    case FIREWALL_UFW:
      return g_strdup_printf ("sudo ufw allow %u/udp", port);
    case FIREWALL_NFTABLES:
      /* where a rule belongs depends on the others */
      return g_strdup ("sudo nft list ruleset");
    case FIREWALL_NONE:
    default:
      return NULL;
    }
}

static void
tell_closed (const FirewallProbe *probe, uint16_t port, GPtrArray *findings)
{
  bool nftables = probe->program == FIREWALL_NFTABLES;
  char *cause =
      probe->zone
          ? g_strdup_printf (_ ("The firewall (firewalld, zone “%s”) lets no UDP port %u in."),
                             probe->zone, port)
          : g_strdup_printf (_ ("The firewall (%s) lets no UDP port %u in."),
                             nftables ? "nftables" : "ufw", port);
  add (
      findings, FINDING_FIREWALL, FINDING_PROBLEM, cause,
      nftables
          ? _ ("Other devices cannot reach this one. Accept that port in the chain of its input; the command below lists the rules.")
          : _ ("Other devices cannot reach this one. The command below opens the port."),
      opening_command (probe, port));
}

/* Whether it lets the port in is not known. */
static void
tell_unknown (const FirewallProbe *probe, const char *name, uint16_t port, GPtrArray *findings)
{
  char *cause =
      probe->unreadable
          ? g_strdup_printf (
                _ ("The rules of the firewall (%s) may not be read without more rights."), name)
          : g_strdup_printf (
                _ ("Whether the firewall (%s) lets UDP port %u in depends on who asks."), name,
                port);
  add (
      findings, FINDING_FIREWALL, FINDING_WARNING, cause,
      probe->program == FIREWALL_NFTABLES
          ? _ ("If other devices cannot reach this one, see with the command below whether its port is let in.")
          : _ ("If other devices cannot reach this one, the command below opens the port to all."),
      opening_command (probe, port));
}

static void
tell_firewall (const Facts *facts, GPtrArray *findings)
{
  static const char *const names[] = { "", "firewalld", "ufw", "nftables" };
  const FirewallProbe *probe = &facts->firewall;
  const char *name = names[probe->program];
  if (!facts->look_at_firewall)
    add (findings, FINDING_FIREWALL, FINDING_WARNING,
         g_strdup (_ ("A firewall of this computer cannot be seen from Wherry’s sandbox.")),
         _ ("If other devices cannot reach this one, see that it lets the port in."), NULL);
  else if (probe->program == FIREWALL_NONE)
    add (findings, FINDING_FIREWALL, FINDING_OK, g_strdup (_ ("No firewall was found.")), NULL,
         NULL);
  else if (probe->verdict == FIREWALL_OPEN)
    add (findings, FINDING_FIREWALL, FINDING_OK,
         g_strdup_printf (_ ("The firewall (%s) lets UDP port %u in."), name, facts->port), NULL,
         NULL);
  else if (probe->verdict == FIREWALL_CLOSED)
    tell_closed (probe, facts->port, findings);
  else
    tell_unknown (probe, name, facts->port, findings);
}

bool
doctor_examine_computer (const Doctor *doctor, GPtrArray *findings, GError **error)
{
  g_auto (Facts) facts = { .port = quic_endpoint_get_port (doctor->endpoint),
                           .look_at_firewall = !doctor->sandboxed };
  /* A cancelled fiber waits too: the facts are on its stack. */
  if (!flow_await_regardless (worker_start ("doctor", gather, &facts), error))
    return false;
  tell_interfaces (&facts, findings);
  tell_port (&facts, findings);
  tell_firewall (&facts, findings);
  return true;
}
