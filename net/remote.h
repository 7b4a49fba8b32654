/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WherryRemote: WherryClient for a process that does not hold the data directory, by asking the one
 * that does over D-Bus. Its rows follow what that process tells; questions that this interface
 * answers at once are asked with a wait. Main thread only. */
#pragma once

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_REMOTE (wherry_remote_get_type ())
G_DECLARE_FINAL_TYPE (WherryRemote, wherry_remote, WHERRY, REMOTE, GObject)

/** NULL when no process offers @data_dir (as in ClientOptions) on this session bus. */
WherryRemote *wherry_remote_new (const char *data_dir, GError **error);

G_END_DECLS
