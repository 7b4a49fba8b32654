/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strangers flood the real program while two paired devices use it: each transfer completes, each
 * of them over connections that begin under the flood, and the memory is bounded. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "tests/hostile/victim.h"

#ifdef __SANITIZE_ADDRESS__
#define ATTEMPTS "1000" /* a handshake takes ten times as long */
#else
#define ATTEMPTS "10000"
#endif
#define GARBAGE_ATTEMPTS "200000"
#define FILE_LEN         (24 * 1024 * 1024)
#define MEMORY_MAX       (64 * 1024 * 1024)

typedef struct
{
  Victim victim, friend;
  char *node_id, *address, *port;
  char *file;
  GSubprocess *flooder;        /* (owned) (nullable) */
  GDataInputStream *attempted; /* (owned) (nullable) */
} Fixture;

static void
take_address (Fixture *self, const char *listening)
{
  g_clear_pointer (&self->address, g_free);
  g_clear_pointer (&self->port, g_free);
  self->port = g_strdup_printf ("%u", victim_port (listening));
  self->address = g_strdup_printf ("127.0.0.1:%s", self->port);
}

/* The victim shows a code. (transfer full) */
static char *
show_code (Fixture *self)
{
  victim_start (&self->victim, (const char *const[]) { "pair", NULL });
  g_autofree char *listening = victim_event (&self->victim, "listening");
  g_autofree char *code = victim_event (&self->victim, "code");
  take_address (self, listening);
  return victim_field (code, "words");
}

static void
enter_code (Fixture *self, const char *words)
{
  victim_start (&self->friend,
                (const char *const[]) { "pair", words, "--address", self->address, NULL });
  g_autofree char *paired = victim_event (&self->victim, "paired");
  victim_wait (&self->friend);
  victim_wait (&self->victim);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  victim_init (&self->victim);
  victim_init (&self->friend);
  self->file = scratch_path (&self->friend.home, "large");
  g_autofree char *content = g_malloc0 (FILE_LEN);
  g_assert_true (g_file_set_contents (self->file, content, FILE_LEN, NULL));
}

static void
pair_and_serve (Fixture *self)
{
  g_autofree char *words = show_code (self);
  enter_code (self, words);
  victim_start (&self->victim, (const char *const[]) { "serve", "--accept", "paired",
                                                       "--receive-dir", self->victim.inbox, NULL });
  g_autofree char *listening = victim_event (&self->victim, "listening");
  take_address (self, listening);
  self->node_id = victim_field (listening, "node_id");
}

static void
stop_flood (Fixture *self)
{
  if (!self->flooder)
    return;
  g_output_stream_close (g_subprocess_get_stdin_pipe (self->flooder), NULL, NULL);
  g_assert_true (g_subprocess_wait_check (self->flooder, NULL, NULL));
  g_clear_object (&self->attempted);
  g_clear_object (&self->flooder);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  stop_flood (self);
  if (self->victim.process)
    victim_stop (&self->victim);
  victim_clear (&self->friend);
  victim_clear (&self->victim);
  g_free (self->node_id);
  g_free (self->address);
  g_free (self->port);
  g_free (self->file);
}

static void
start_flood (Fixture *self, const char *mode, const char *attempts, const char *addresses)
{
  g_autoptr (GError) error = NULL;
  self->flooder =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                        g_getenv ("WHERRY_FLOOD"), mode, self->port, attempts, addresses, NULL);
  g_assert_no_error (error);
  self->attempted = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->flooder));
  g_autofree char *begun = g_data_input_stream_read_line (self->attempted, NULL, NULL, NULL);
  g_assert_cmpstr (begun, ==, "flooding");
}

static void
send_file (Fixture *self)
{
  g_autofree char *arrived = g_build_filename (self->victim.inbox, "large", NULL);
  victim_start (&self->friend, (const char *const[]) { "send", "--to", self->node_id, "--address",
                                                       self->address, self->file, NULL });
  g_autofree char *last = NULL;
  char *line;
  while ((line = g_data_input_stream_read_line (self->friend.events, NULL, NULL, NULL)))
    {
      g_free (last);
      last = line;
    }
  g_assert_nonnull (last);
  g_assert_nonnull (strstr (last, "\"done\""));
  victim_wait (&self->friend);
  g_assert_cmpint (g_remove (arrived), ==, 0);
}

static void
attempted_cb (GObject *source, GAsyncResult *result, gpointer all)
{
  g_autofree char *line =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  g_assert_nonnull (line); /* the flooder goes on */
  *(bool *) all = true;
}

/* One transfer after the other, until all attempts were made. */
static void
test_transfer (Fixture *self, gconstpointer mode)
{
  bool all = false;
  unsigned sent = 0;
  pair_and_serve (self);
  send_file (self);
  size_t before = victim_memory_peak (&self->victim);
  start_flood (self, mode, g_str_equal (mode, "garbage") ? GARBAGE_ATTEMPTS : ATTEMPTS, "64");
  g_data_input_stream_read_line_async (self->attempted, G_PRIORITY_DEFAULT, NULL, attempted_cb,
                                       &all);
  for (; !all || sent == 0; sent++)
    {
      send_file (self);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  stop_flood (self);
  size_t taken = victim_memory_peak (&self->victim) - before;
  g_test_message ("%u transfers; strangers took %zu KiB", sent, taken >> 10);
#ifdef __SANITIZE_ADDRESS__
  g_test_message ("not judged: the sanitizer keeps what was freed");
#else
  g_assert_cmpuint (taken, <, MEMORY_MAX);
#endif
}

/* Somebody whom the victim does not know yet: from another address than the flood, which has had
 * time to take what it can. */
static void
test_newcomer (Fixture *self, gconstpointer mode)
{
  g_autofree char *words = show_code (self);
  start_flood (self, mode, "500", "1");
  g_autofree char *attempted = g_data_input_stream_read_line (self->attempted, NULL, NULL, NULL);
  g_assert_cmpstr (attempted, ==, "500");
  enter_code (self, words);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, mode, function)                                                                  \
  g_test_add ("/hostile/flood/" name, Fixture, mode, set_up, function, tear_down)
  ADD ("forged", "forged", test_transfer);
  ADD ("refused", "refused", test_transfer);
  ADD ("half-open", "half-open", test_transfer);
  ADD ("whole", "whole", test_transfer);
  ADD ("garbage", "garbage", test_transfer);
  ADD ("newcomer-half-open", "half-open", test_newcomer);
  ADD ("newcomer-whole", "whole", test_newcomer);
  return g_test_run ();
}
