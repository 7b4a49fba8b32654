/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests that prove that nothing is left. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** How many fibers of flow_spawn(), those of sets among them, have not ended. */
guint flow_count_live (void);

G_END_DECLS
