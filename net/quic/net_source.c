/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_source.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

typedef struct
{
  GSource source;
  Demux *demux;
  CallQueue *calls;
  int timer_fd;
  gpointer timer_tag;
  ngtcp2_tstamp timer_at;
  bool again; /* the last turn left work */
} NetSource;

static gboolean
net_source_prepare (GSource *source, int *timeout)
{
  NetSource *self = (NetSource *) source;
  *timeout = -1;
  return self->again || call_queue_is_pending (self->calls);
}

static gboolean
net_source_check (GSource *source)
{
  /* the context wakes for its other sources too; a turn without work is cheap */
  return TRUE;
}

/* A timerfd, since poll() counts in milliseconds and pacing in microseconds. */
static void
set_timer (NetSource *self, ngtcp2_tstamp at)
{
  struct itimerspec spec = { 0 };
  if (at == self->timer_at)
    return;
  self->timer_at = at;
  if (at != UINT64_MAX)
    {
      at = MAX (at, 1); /* zero would disarm */
      spec.it_value =
          (struct timespec) { .tv_sec = at / NGTCP2_SECONDS, .tv_nsec = at % NGTCP2_SECONDS };
    }
  timerfd_settime (self->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static gboolean
net_source_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  NetSource *self = (NetSource *) source;
  if (g_source_query_unix_fd (source, self->timer_tag) != 0)
    {
      uint64_t expirations;
      if (read (self->timer_fd, &expirations, sizeof expirations) == sizeof expirations)
        self->timer_at = UINT64_MAX;
    }
  self->again = demux_turn (self->demux);
  if (!self->again)
    set_timer (self, demux_get_expiry (self->demux));
  return G_SOURCE_CONTINUE;
}

static void
net_source_finalize (GSource *source)
{
  close (((NetSource *) source)->timer_fd);
}

static GSourceFuncs net_source_funcs = {
  .prepare = net_source_prepare,
  .check = net_source_check,
  .dispatch = net_source_dispatch,
  .finalize = net_source_finalize,
};

GSource *
net_source_new (GError **error)
{
  int timer_fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (timer_fd < 0)
    {
      g_set_error (error, QUIC_ERROR, QUIC_ERROR_LIMIT,
                   "The network timer cannot be made: %s. Close other programs, then try again.",
                   g_strerror (errno));
      return NULL;
    }
  GSource *source = g_source_new (&net_source_funcs, sizeof (NetSource));
  NetSource *self = (NetSource *) source;
  g_source_set_static_name (source, "[wherry] quic");
  /* Otherwise GLib takes the descriptors out of the poll and puts them back around each dispatch,
   * waking itself every time. */
  g_source_set_can_recurse (source, TRUE);
  self->timer_fd = timer_fd;
  self->timer_tag = g_source_add_unix_fd (source, timer_fd, G_IO_IN);
  self->timer_at = UINT64_MAX;
  return source;
}

void
net_source_attach (GSource *source, GMainContext *context, Demux *demux, CallQueue *calls,
                   Link *link)
{
  NetSource *self = (NetSource *) source;
  self->demux = demux;
  self->calls = calls;
  link->poll (link, source);
  g_source_attach (source, context);
}
