/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/discovery_advice.h"

#include <glib/gi18n-lib.h>

const char *
discovery_advice (DiscoveryState state)
{
  switch (state)
    {
    case DISCOVERY_NO_DAEMON:
      return _ ("The Avahi service does not run on this computer. Install avahi-daemon if it is "
                "missing, and start it with the command below. Wherry goes on by itself then. "
                "Pairing by address or link works without it.");
    case DISCOVERY_FAILED:
      return _ ("The Avahi service runs, but refuses to work for Wherry. The command below shows "
                "why. Pairing by address or link works without it.");
    case DISCOVERY_OFF:
    case DISCOVERY_STARTING:
    case DISCOVERY_RUNNING:
    default:
      return NULL;
    }
}

const char *
discovery_command (DiscoveryState state)
{
  return state == DISCOVERY_FAILED ? "systemctl status avahi-daemon"
                                   : "sudo systemctl enable --now avahi-daemon";
}
