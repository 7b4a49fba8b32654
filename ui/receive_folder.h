/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The question where received files go. In a sandbox the file chooser is the portal's, and what is
 * chosen there may be used from then on, also after a restart. */
#pragma once

#include <gtk/gtk.h>

#include "net/client.h"

G_BEGIN_DECLS

/** @folder has been chosen, and is the client's; NULL: none was. @object: as given. */
typedef void (*ReceiveFolderChosen) (GFile *folder, gpointer object);

/** Asks in front of the window of @widget, and makes the answer the client's receive folder; then
 * calls @chosen. A failure is told by the window. Holds a reference to
 * @object meanwhile. */
void receive_folder_ask (GtkWidget *widget, WherryClient *client, ReceiveFolderChosen chosen,
                         GObject *object);

G_END_DECLS
