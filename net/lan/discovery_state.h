/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How discovery fares, for whoever shows it. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  DISCOVERY_OFF,      /* not started, or stopped */
  DISCOVERY_STARTING, /* on the way to the daemon, or the daemon is settling its host name */
  DISCOVERY_RUNNING,
  DISCOVERY_NO_DAEMON, /* avahi-daemon, or the system bus, does not run or is not installed */
  DISCOVERY_FAILED,    /* it runs, and refuses; tried again now and then */
} DiscoveryState;

/** The nicks are "off", "starting", "running", "no-daemon", "failed". */
#define WHERRY_TYPE_DISCOVERY_STATE (wherry_discovery_state_get_type ())
GType wherry_discovery_state_get_type (void);

G_END_DECLS
