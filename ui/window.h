/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: the devices at the side, the chosen one beside them. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_WINDOW (wherry_window_get_type ())
G_DECLARE_FINAL_TYPE (WherryWindow, wherry_window, WHERRY, WINDOW, AdwApplicationWindow)

/* Actions: win.add-device, win.enter-code, win.enter-address, win.preferences, win.toggle-visible,
 * win.show-device (s: node id in hex), win.accept and win.open-folder (s: transfer id),
 * win.complain (s: a sentence), win.tell-outside (u: how many files a sandbox hides). */

WherryWindow *wherry_window_new (GtkApplication *application);

/** The node that the window shows from now on; NULL while there is none. */
void wherry_window_set_client (WherryWindow *self, WherryClient *client);
/** There is no node, because of this; both texts are for people. */
void wherry_window_set_problem (WherryWindow *self, const char *title, const char *sentence);
/** Something the person should know, until it is dismissed. */
void wherry_window_warn (WherryWindow *self, const char *sentence);
/** Opens the dialog at Enter a Code with @link in it. */
void wherry_window_enter_link (WherryWindow *self, const char *link);
/** Asks for the device that @files (element-type GFile) are to be sent to. */
void wherry_window_send_files (WherryWindow *self, GPtrArray *files);
/** Accepts the offer; where there is no folder for received files yet, asks for one first, which is
 * then that of all that follow. */
void wherry_window_accept (WherryWindow *self, WherryTransfer *transfer);
/** Goes to the page of @device. */
void wherry_window_show_device (WherryWindow *self, WherryDevice *device);

G_END_DECLS
