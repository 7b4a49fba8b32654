/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two lists of the sidebar, cut from the one model of devices and sorted by name. */
#pragma once

#include <gtk/gtk.h>

#include "net/client.h"

G_BEGIN_DECLS

/** The paired WherryDevice rows of @devices, in and out as they are paired and unpaired. (transfer
 * full) */
GListModel *device_list_paired (GListModel *devices);
/** Those that discovery sees and that are not paired. (transfer full) */
GListModel *device_list_nearby (GListModel *devices);

G_END_DECLS
