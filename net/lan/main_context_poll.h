/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Avahi's main loop interface (avahi-common/watch.h) over a GMainContext. avahi-glib has one too,
 * but no runtime of GNOME carries it, and it would be the only reason to build all of Avahi. */
#pragma once

#include <avahi-common/watch.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct MainContextPoll MainContextPoll;

/** Its callbacks run in @context (NULL: the default one), which is kept. */
MainContextPoll *main_context_poll_new (GMainContext *context);
/** Every watch and timeout of it must be gone, as after avahi_client_free(). */
void main_context_poll_free (MainContextPoll *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MainContextPoll, main_context_poll_free)

/** For avahi_client_new(). Borrowed. */
const AvahiPoll *main_context_poll_get (MainContextPoll *self);

G_END_DECLS
