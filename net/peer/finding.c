/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/finding.h"

G_DEFINE_ENUM_TYPE (WherryFindingKind, wherry_finding_kind,
                    G_DEFINE_ENUM_VALUE (FINDING_INTERFACE, "interface"),
                    G_DEFINE_ENUM_VALUE (FINDING_MTU, "mtu"),
                    G_DEFINE_ENUM_VALUE (FINDING_NETWORKS, "networks"),
                    G_DEFINE_ENUM_VALUE (FINDING_VPN, "vpn"),
                    G_DEFINE_ENUM_VALUE (FINDING_PORT, "port"),
                    G_DEFINE_ENUM_VALUE (FINDING_FIREWALL, "firewall"),
                    G_DEFINE_ENUM_VALUE (FINDING_DISCOVERY, "discovery"),
                    G_DEFINE_ENUM_VALUE (FINDING_ISOLATION, "isolation"),
                    G_DEFINE_ENUM_VALUE (FINDING_DEVICE, "device"),
                    G_DEFINE_ENUM_VALUE (FINDING_ADDRESS, "address"))
G_DEFINE_ENUM_TYPE (WherryFindingSeverity, wherry_finding_severity,
                    G_DEFINE_ENUM_VALUE (FINDING_OK, "ok"),
                    G_DEFINE_ENUM_VALUE (FINDING_WARNING, "warning"),
                    G_DEFINE_ENUM_VALUE (FINDING_PROBLEM, "problem"))
static Finding *
finding_ref (Finding *self)
{
  return g_rc_box_acquire (self);
}

G_DEFINE_BOXED_TYPE (Finding, finding, finding_ref, finding_unref)

Finding *
finding_new (FindingKind kind, FindingSeverity severity, char *cause, char *remedy, char *command)
{
  Finding *self = g_rc_box_new (Finding);
  *self = (Finding) { kind, severity, cause, remedy, command };
  return self;
}

static void
clear (gpointer data)
{
  Finding *self = data;
  g_free (self->cause);
  g_free (self->remedy);
  g_free (self->command);
}

void
finding_unref (Finding *self)
{
  g_rc_box_release_full (self, clear);
}
