/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The WherryClient of the process that holds the data directory: owns and wires endpoint,
 * discovery, store and the rooms. It applies the policy of a device to its offers, forgets a device
 * that has unpaired this one, and tells one that was unpaired here. Main thread only. */
#pragma once

#include "net/client.h"
#include "net/quic/endpoint.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_NODE (wherry_node_get_type ())
G_DECLARE_FINAL_TYPE (WherryNode, wherry_node, WHERRY, NODE, GObject)

G_END_DECLS
