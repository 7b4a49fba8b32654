/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

/** What Wherry is, and for a bug report what it runs on. @client is NULL when it could not
 * start. */
AdwDialog *about_dialog_new (WherryClient *client);

G_END_DECLS
