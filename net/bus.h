/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both ends of the D-Bus service have to agree on beside its interfaces
 * (data/io.github.wherry.Wherry.xml): part of net/client.h. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WHERRY_BUS_PATH      "/io/github/wherry/Wherry"
#define WHERRY_BUS_INTERFACE "io.github.wherry.Wherry"

/** The name of the process that runs on @data_dir (as in ClientOptions), which is the same by
 * whatever path the folder is found. Makes CLIENT_ERROR known to D-Bus, too. (transfer full) */
char *wherry_bus_dup_name (const char *data_dir);
/** The path of @data_dir without links, which the name stands for. (transfer full) */
char *wherry_bus_dup_folder (const char *data_dir);
/** Numeric HOST:PORT each; CLIENT_ERROR_INVALID names one that is not. (transfer full)
 * (element-type GInetSocketAddress) */
GPtrArray *wherry_bus_parse_addresses (const char *const *texts, GError **error);

G_END_DECLS
