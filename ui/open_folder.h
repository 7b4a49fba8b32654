/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Showing received files in the file manager. */
#pragma once

#include <gtk/gtk.h>

#include "net/client.h"

G_BEGIN_DECLS

/** Shows in a file manager what @transfer brought, or the folder that it was received into. When
 * none answers, the action "win.complain" of @widget's window gets the sentence. */
void open_folder_of_transfer (GtkWidget *widget, WherryTransfer *transfer);

G_END_DECLS
