/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a drop or a paste brought. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** The local files of a GdkFileList value, in its order; what has no path is left out.
 * (element-type GFile) (transfer full) */
GPtrArray *dropped_files (const GValue *value);
/** The same of a GListModel of GFile, as file choosers give. */
GPtrArray *chosen_files (GListModel *files);

G_END_DECLS
