/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/lan/discovery_state.h"

G_DEFINE_ENUM_TYPE (WherryDiscoveryState, wherry_discovery_state,
                    G_DEFINE_ENUM_VALUE (DISCOVERY_OFF, "off"),
                    G_DEFINE_ENUM_VALUE (DISCOVERY_STARTING, "starting"),
                    G_DEFINE_ENUM_VALUE (DISCOVERY_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (DISCOVERY_NO_DAEMON, "no-daemon"),
                    G_DEFINE_ENUM_VALUE (DISCOVERY_FAILED, "failed"))
