/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session bus with the Secret Service of tests/net/store/secret-service on it. */
#pragma once

#include <gio/gio.h>
#include <string.h>

/* Kept to the end: going away it would wait for the connection that libsecret never gives up. */
static GTestDBus *bus;
static GSubprocess *service;
static GDataInputStream *answers;

static inline char *
service_answer (void)
{
  g_autoptr (GError) error = NULL;
  char *line = g_data_input_stream_read_line (answers, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  return line;
}

static inline void
start_service (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "net", "store", "secret-service", NULL);
  g_autoptr (GError) error = NULL;
  service = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE,
                              &error, path, NULL);
  g_assert_no_error (error);
  answers = g_data_input_stream_new (g_subprocess_get_stdout_pipe (service));
  g_free (service_answer ());
}

static inline void
stop_service (void)
{
  if (!service)
    return;
  g_subprocess_force_exit (service);
  g_assert_true (g_subprocess_wait (service, NULL, NULL));
  g_clear_object (&answers);
  g_clear_object (&service);
}

/* A command of the service's documentation; when this returns, it holds. (transfer full) */
static inline char *
service_tell (const char *command)
{
  g_autofree char *line = g_strconcat (command, "\n", NULL);
  g_autoptr (GError) error = NULL;
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (service), line, strlen (line), NULL, NULL,
                             &error);
  g_assert_no_error (error);
  return service_answer ();
}

static inline void
service_do (const char *command)
{
  g_autofree char *answer = service_tell (command);
  g_assert_cmpstr (answer, ==, "done");
}

static inline int
service_searches (void)
{
  g_autofree char *answer = service_tell ("searches");
  return atoi (answer);
}
