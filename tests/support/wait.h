/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting in a test: the main loop turns until something holds. A test that waits in vain fails
 * after WAIT_PATIENCE_S, and says for what and where; nothing else is ever judged by time. */
#pragma once

#include <glib.h>

/* For a sanitized program on a machine that is busy with other things. */
#define WAIT_PATIENCE_S 60

static inline gboolean
wait_in_vain_cb (gpointer what)
{
  g_error ("waited %d s in vain for %s", WAIT_PATIENCE_S, (const char *) what);
  return G_SOURCE_REMOVE;
}

static inline GSource *
wait_begin (GMainContext *context, const char *what)
{
  GSource *patience = g_timeout_source_new_seconds (WAIT_PATIENCE_S);
  g_source_set_callback (patience, wait_in_vain_cb, (gpointer) what, NULL);
  g_source_attach (patience, context);
  return patience;
}

static inline void
wait_end (GSource *patience)
{
  g_source_destroy (patience);
  g_source_unref (patience);
}

/** Turns @context (NULL: the default one) until @condition holds; @what: for the message. What
 * makes it hold has to be dispatched by @context. */
#define wait_until_in(context, condition, what)                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    GSource *patience_ = wait_begin ((context), (what));                                           \
    while (!(condition))                                                                           \
      g_main_context_iteration ((context), TRUE);                                                  \
    wait_end (patience_);                                                                          \
  }                                                                                                \
  G_STMT_END

#define wait_until(condition) wait_until_in (NULL, condition, #condition " at " G_STRLOC)

/** The same for what no event of this process tells of: asks again and again. */
#define wait_poll(condition)                                                                       \
  G_STMT_START                                                                                     \
  {                                                                                                \
    GSource *patience_ = wait_begin (NULL, #condition " at " G_STRLOC);                            \
    while (!(condition))                                                                           \
      g_main_context_iteration (NULL, FALSE);                                                      \
    wait_end (patience_);                                                                          \
  }                                                                                                \
  G_STMT_END

/** Runs what is ready now. */
static inline void
wait_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
