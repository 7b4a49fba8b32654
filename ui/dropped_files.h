/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a drop, a paste or a file chooser brought: the files on this computer, each once, in their
 * order. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** What cannot be sent. */
typedef struct
{
  guint elsewhere; /* another host's, trash:///, https:// */
  guint outside;   /* of the sandbox: there is such a path, but nothing to be seen under it */
} LeftOut;

/** What to ask for: G_TYPE_STRV, the URIs as other programs wrote them, or GDK_TYPE_FILE_LIST. A
 * GFile has lost the host of its URI, so the text comes first; but in a sandbox only the portal's
 * files can be reached, and they come as GDK_TYPE_FILE_LIST. */
const GType *dropped_types (gsize *n_types);
/** The first of dropped_types() in @formats, or G_TYPE_INVALID. */
GType dropped_type (GdkContentFormats *formats);

/** @value: of one of dropped_types(). (element-type GFile) (transfer full) */
GPtrArray *dropped_files (const GValue *value, LeftOut *left_out);
/** The same of a GListModel of GFile, as file choosers give. */
GPtrArray *chosen_files (GListModel *files, LeftOut *left_out);
/** The same of (element-type GFile) @files. */
GPtrArray *local_files (GPtrArray *files, LeftOut *left_out);

/** Lets the window of @widget tell what was left out, or that there is nothing in @files. */
void tell_left_out (GtkWidget *widget, GPtrArray *files, const LeftOut *left_out);

G_END_DECLS
