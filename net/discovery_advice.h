/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person can do when discovery does not work, for whoever shows it. Static strings. */
#pragma once

#include "net/lan/discovery_state.h"

G_BEGIN_DECLS

/** Why devices nearby cannot be seen, and what the command is for, translated; NULL when all is
 * well. */
const char *discovery_advice (DiscoveryState state);
/** The command that mends or explains it; not translated. */
const char *discovery_command (DiscoveryState state);

G_END_DECLS
