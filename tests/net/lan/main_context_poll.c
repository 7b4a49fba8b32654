/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/lan/main_context_poll.h"

#include <glib-unix.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/support/wait.h"

typedef struct
{
  GMainContext *context; /* (owned) */
  MainContextPoll *poll; /* (owned) */
  const AvahiPoll *api;
  int ends[2]; /* of a pipe */
  int calls;
  AvahiWatchEvent last;
  bool frees; /* the callback frees what it is of */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->context = g_main_context_new ();
  self->poll = main_context_poll_new (self->context);
  self->api = main_context_poll_get (self->poll);
  g_assert_true (g_unix_open_pipe (self->ends, O_CLOEXEC, NULL));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  main_context_poll_free (self->poll);
  g_main_context_unref (self->context);
  close (self->ends[0]);
  if (self->ends[1] >= 0)
    close (self->ends[1]);
}

static void
settle (Fixture *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    if (self->calls > 10)
      break;
}

static void
watched_cb (AvahiWatch *watch, int fd, AvahiWatchEvent event, void *data)
{
  Fixture *self = data;
  self->calls++;
  self->last = event;
  g_assert_cmpint (fd, ==, self->ends[0]);
  g_assert_cmpint (self->api->watch_get_events (watch), ==, event);
  char byte;
  if (event & AVAHI_WATCH_IN)
    g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  if (self->frees)
    self->api->watch_free (watch);
}

static void
say (Fixture *self)
{
  g_assert_cmpint (write (self->ends[1], "x", 1), ==, 1);
}

static void
test_watch (Fixture *self, gconstpointer data)
{
  AvahiWatch *watch =
      self->api->watch_new (self->api, self->ends[0], AVAHI_WATCH_IN, watched_cb, self);
  settle (self);
  g_assert_cmpint (self->calls, ==, 0);
  say (self);
  settle (self);
  g_assert_cmpint (self->calls, ==, 1);
  /* Nothing while nothing is asked for, and what came meanwhile afterwards. */
  self->api->watch_update (watch, 0);
  say (self);
  settle (self);
  g_assert_cmpint (self->calls, ==, 1);
  self->api->watch_update (watch, AVAHI_WATCH_IN | AVAHI_WATCH_HUP);
  settle (self);
  g_assert_cmpint (self->calls, ==, 2);
  close (self->ends[1]);
  self->ends[1] = -1;
  g_main_context_iteration (self->context, FALSE);
  g_assert_cmpint (self->last, ==, AVAHI_WATCH_HUP);
  self->api->watch_free (watch);
}

static void
test_watch_freed_by_its_callback (Fixture *self, gconstpointer data)
{
  self->frees = true;
  self->api->watch_new (self->api, self->ends[0], AVAHI_WATCH_IN, watched_cb, self);
  say (self);
  say (self);
  settle (self);
  g_assert_cmpint (self->calls, ==, 1);
}

static void
due_cb (AvahiTimeout *timeout, void *data)
{
  Fixture *self = data;
  self->calls++;
  if (self->frees)
    self->api->timeout_free (timeout);
}

static struct timeval
in_milliseconds (int milliseconds)
{
  struct timeval now;
  gettimeofday (&now, NULL);
  int64_t us = now.tv_sec * (int64_t) G_USEC_PER_SEC + now.tv_usec + milliseconds * (int64_t) 1000;
  return (struct timeval) { us / G_USEC_PER_SEC, us % G_USEC_PER_SEC };
}

static void
test_timeout (Fixture *self, gconstpointer data)
{
  const struct timeval past = in_milliseconds (-5000);
  const struct timeval soon = in_milliseconds (1);
  const struct timeval late = in_milliseconds (3600 * 1000);
  AvahiTimeout *timeout = self->api->timeout_new (self->api, &past, due_cb, self);
  wait_until_in (self->context, self->calls == 1, "a timeout of the past");
  /* Once. */
  settle (self);
  g_assert_cmpint (self->calls, ==, 1);
  self->api->timeout_update (timeout, &soon);
  wait_until_in (self->context, self->calls == 2, "a timeout that was set again");
  self->api->timeout_update (timeout, &past);
  self->api->timeout_update (timeout, NULL);
  settle (self);
  self->api->timeout_update (timeout, &late);
  settle (self);
  g_assert_cmpint (self->calls, ==, 2);
  self->api->timeout_free (timeout);
}

static void
test_timeout_freed_by_its_callback (Fixture *self, gconstpointer data)
{
  const struct timeval past = in_milliseconds (-1);
  self->frees = true;
  self->api->timeout_new (self->api, &past, due_cb, self);
  wait_until_in (self->context, self->calls == 1, "the timeout");
  settle (self);
  g_assert_cmpint (self->calls, ==, 1);
}

/* A timeout that is born without a time waits until it gets one. */
static void
test_timeout_without_time (Fixture *self, gconstpointer data)
{
  const struct timeval past = in_milliseconds (-1);
  AvahiTimeout *timeout = self->api->timeout_new (self->api, NULL, due_cb, self);
  settle (self);
  g_assert_cmpint (self->calls, ==, 0);
  self->api->timeout_update (timeout, &past);
  wait_until_in (self->context, self->calls == 1, "the timeout");
  self->api->timeout_free (timeout);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/main-context-poll/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("watch", test_watch);
  ADD ("watch/freed-by-its-callback", test_watch_freed_by_its_callback);
  ADD ("timeout", test_timeout);
  ADD ("timeout/freed-by-its-callback", test_timeout_freed_by_its_callback);
  ADD ("timeout/without-time", test_timeout_without_time);
  return g_test_run ();
}
