/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/lan/main_context_poll.h"

#include <glib-unix.h>

struct MainContextPoll
{
  AvahiPoll api;
  GMainContext *context; /* (owned) */
  guint n_used;          /* watches and timeouts */
};

struct AvahiWatch
{
  MainContextPoll *poll;
  GSource *source; /* (owned) (nullable) while something is waited for */
  int fd;
  AvahiWatchEvent happened; /* while the callback runs */
  AvahiWatchCallback callback;
  void *userdata;
};

struct AvahiTimeout
{
  MainContextPoll *poll;
  GSource *source; /* (owned) (nullable) until its time has come */
  AvahiTimeoutCallback callback;
  void *userdata;
};

/* Both are those of poll(). */
G_STATIC_ASSERT ((int) AVAHI_WATCH_IN == G_IO_IN && (int) AVAHI_WATCH_OUT == G_IO_OUT);
G_STATIC_ASSERT ((int) AVAHI_WATCH_ERR == G_IO_ERR && (int) AVAHI_WATCH_HUP == G_IO_HUP);

static void
release (GSource **source)
{
  if (!*source)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
attach (MainContextPoll *self, GSource *source, GSourceFunc callback, void *data)
{
  g_source_set_callback (source, callback, data, NULL);
  g_source_attach (source, self->context);
  return source;
}

/* The callback may free its watch: it is not looked at afterwards. */
static gboolean
ready_cb (int fd, GIOCondition condition, gpointer data)
{
  AvahiWatch *watch = data;
  watch->happened = (AvahiWatchEvent) condition;
  watch->callback (watch, fd, watch->happened, watch->userdata);
  return G_SOURCE_CONTINUE;
}

static void
watch_update (AvahiWatch *watch, AvahiWatchEvent events)
{
  release (&watch->source);
  if (events)
    watch->source = attach (watch->poll, g_unix_fd_source_new (watch->fd, (GIOCondition) events),
                            G_SOURCE_FUNC (ready_cb), watch);
}

static AvahiWatch *
watch_new (const AvahiPoll *api, int fd, AvahiWatchEvent events, AvahiWatchCallback callback,
           void *userdata)
{
  AvahiWatch *watch = g_new (AvahiWatch, 1);
  *watch =
      (AvahiWatch) { .poll = api->userdata, .fd = fd, .callback = callback, .userdata = userdata };
  watch->poll->n_used++;
  watch_update (watch, events);
  return watch;
}

static AvahiWatchEvent
watch_get_events (AvahiWatch *watch)
{
  return watch->happened;
}

static void
watch_free (AvahiWatch *watch)
{
  release (&watch->source);
  watch->poll->n_used--;
  g_free (watch);
}

/* Once for each time that is set; the callback may set another, or free the timeout. */
static gboolean
due_cb (gpointer data)
{
  AvahiTimeout *timeout = data;
  release (&timeout->source);
  timeout->callback (timeout, timeout->userdata);
  return G_SOURCE_REMOVE;
}

/* Avahi counts by the wall clock; the difference is taken once, so that a later jump of that clock
 * changes nothing. */
static guint
milliseconds_until (const struct timeval *due)
{
  int64_t due_us = due->tv_sec * (int64_t) G_USEC_PER_SEC + due->tv_usec;
  int64_t left_us = MAX (due_us - g_get_real_time (), 0);
  return (guint) MIN ((left_us + 999) / 1000, G_MAXINT);
}

static void
timeout_update (AvahiTimeout *timeout, const struct timeval *due)
{
  release (&timeout->source);
  if (due)
    timeout->source =
        attach (timeout->poll, g_timeout_source_new (milliseconds_until (due)), due_cb, timeout);
}

static AvahiTimeout *
timeout_new (const AvahiPoll *api, const struct timeval *due, AvahiTimeoutCallback callback,
             void *userdata)
{
  AvahiTimeout *timeout = g_new (AvahiTimeout, 1);
  *timeout = (AvahiTimeout) { .poll = api->userdata, .callback = callback, .userdata = userdata };
  timeout->poll->n_used++;
  timeout_update (timeout, due);
  return timeout;
}

static void
timeout_free (AvahiTimeout *timeout)
{
  release (&timeout->source);
  timeout->poll->n_used--;
  g_free (timeout);
}

MainContextPoll *
main_context_poll_new (GMainContext *context)
{
  MainContextPoll *self = g_new0 (MainContextPoll, 1);
  self->context = g_main_context_ref (context ? context : g_main_context_default ());
  self->api = (AvahiPoll) {
    .userdata = self,
    .watch_new = watch_new,
    .watch_update = watch_update,
    .watch_get_events = watch_get_events,
    .watch_free = watch_free,
    .timeout_new = timeout_new,
    .timeout_update = timeout_update,
    .timeout_free = timeout_free,
  };
  return self;
}

void
main_context_poll_free (MainContextPoll *self)
{
  g_assert (self->n_used == 0);
  g_main_context_unref (self->context);
  g_free (self);
}

const AvahiPoll *
main_context_poll_get (MainContextPoll *self)
{
  return &self->api;
}
