/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a Flatpak sandbox changes about files: only what the person chose is seen, through the
 * document portal, below paths that nobody outside knows. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

/** Whether this process runs in a Flatpak sandbox. Any thread. */
bool sandbox_is_around (void);

/** The path of @file as the person knows it, fit to be shown: that outside of the sandbox when
 * @file comes from the document portal (org.freedesktop.portal.Documents, the extended attribute
 * document-portal.host-path). Asks the file system. (transfer full) */
char *sandbox_dup_shown_path (GFile *file);

G_END_DECLS
