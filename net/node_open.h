/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a data directory to a running node. */
#pragma once

#include "net/node.h"

G_BEGIN_DECLS

/** wherry_client_open_sync() and wherry_client_open() here, and nowhere else. */
WherryNode *wherry_node_new (const ClientOptions *options, char **warning,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
DexFuture *wherry_node_open (const ClientOptions *options) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
