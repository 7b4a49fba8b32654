/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/hostile/victim.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/core/wire_json.h"

void
victim_init (Victim *victim)
{
  *victim = (Victim) { 0 };
  scratch_init (&victim->home);
  scratch_mkdir (&victim->home, "inbox");
  victim->inbox = scratch_path (&victim->home, "inbox");
}

void
victim_start (Victim *victim, const char *const *argv)
{
  g_autoptr (GPtrArray) command = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_ptr_array_add (command, g_strdup (g_getenv ("WHERRY_CLI")));
  for (const char *const *word =
           (const char *const[]) { "--json", "--no-mdns", "--port", "0", "--data-dir", NULL };
       *word; word++)
    g_ptr_array_add (command, g_strdup (*word));
  g_ptr_array_add (command, scratch_path (&victim->home, "data"));
  for (; *argv; argv++)
    g_ptr_array_add (command, g_strdup (*argv));
  g_ptr_array_add (command, NULL);

  victim->process = g_subprocess_newv ((const char *const *) command->pdata,
                                       G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  victim->events = g_data_input_stream_new (g_subprocess_get_stdout_pipe (victim->process));
}

char *
victim_field (const char *event, const char *name)
{
  const char *value = NULL;
  g_autoptr (WireJson) json = wire_json_parse ((const uint8_t *) event, strlen (event), NULL);
  if (!json || !wire_json_get_string (wire_json_root (json), name, 4096, &value, NULL))
    return NULL;
  return g_strdup (value);
}

char *
victim_event (Victim *victim, const char *name)
{
  char *line;
  while ((line = g_data_input_stream_read_line_utf8 (victim->events, NULL, NULL, NULL)))
    {
      g_autofree char *event = victim_field (line, "event");
      if (g_strcmp0 (event, name) == 0)
        return line;
      g_free (line);
    }
  g_error ("the victim ended before it said \"%s\"", name);
}

uint16_t
victim_port (const char *listening)
{
  uint64_t port = 0;
  g_autoptr (WireJson) json =
      wire_json_parse ((const uint8_t *) listening, strlen (listening), NULL);
  g_assert_true (wire_json_get_uint (wire_json_root (json), "port", G_MAXUINT16, &port, NULL));
  return port;
}

size_t
victim_memory (Victim *victim)
{
  g_autofree char *path =
      g_strdup_printf ("/proc/%s/statm", g_subprocess_get_identifier (victim->process));
  g_autofree char *pages = NULL;
  size_t resident = 0;
  g_assert_true (g_file_get_contents (path, &pages, NULL, NULL));
  g_assert_cmpint (sscanf (pages, "%*u %zu", &resident), ==, 1);
  return resident * (size_t) sysconf (_SC_PAGESIZE);
}

size_t
victim_memory_peak (Victim *victim)
{
  g_autofree char *path =
      g_strdup_printf ("/proc/%s/status", g_subprocess_get_identifier (victim->process));
  g_autofree char *status = NULL;
  size_t kib = 0;
  g_assert_true (g_file_get_contents (path, &status, NULL, NULL));
  const char *line = strstr (status, "VmHWM:");
  g_assert_nonnull (line);
  g_assert_cmpint (sscanf (line, "VmHWM: %zu kB", &kib), ==, 1);
  return kib * 1024;
}

void
victim_wait (Victim *victim)
{
  g_subprocess_wait (victim->process, NULL, NULL);
  g_assert_true (g_subprocess_get_if_exited (victim->process));
  g_assert_cmpint (g_subprocess_get_exit_status (victim->process), ==, 0);
  g_clear_object (&victim->events);
  g_clear_object (&victim->process);
}

void
victim_stop (Victim *victim)
{
  g_subprocess_send_signal (victim->process, SIGTERM);
  victim_wait (victim);
}

static void
list (GFile *folder, GFile *top, GPtrArray *found)
{
  g_autoptr (GFileEnumerator) entries = g_file_enumerate_children (
      folder, "standard::name,standard::type", G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  GFileInfo *info;
  GFile *child;
  while (entries && g_file_enumerator_iterate (entries, &info, &child, NULL, NULL) && info)
    {
      g_ptr_array_add (found, g_file_get_relative_path (top, child));
      if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
        list (child, top, found);
    }
}

static char *
list_text (const char *path, const char *except)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GFile) top = g_file_new_for_path (path);
  list (top, top, found);
  for (guint i = found->len; except && i-- > 0;)
    if (g_str_has_prefix (found->pdata[i], except))
      g_ptr_array_remove_index (found, i);
  g_ptr_array_sort_values (found, (GCompareFunc) g_strcmp0);
  g_ptr_array_add (found, NULL);
  return g_strjoinv ("\n", (char **) found->pdata);
}

char *
victim_inbox (Victim *victim)
{
  return list_text (victim->inbox, NULL);
}

char *
victim_surroundings (Victim *victim)
{
  return list_text (victim->home.path, "data");
}

void
victim_clear (Victim *victim)
{
  if (victim->process)
    g_subprocess_force_exit (victim->process);
  g_clear_object (&victim->events);
  g_clear_object (&victim->process);
  scratch_clear (&victim->home);
  g_free (victim->inbox);
}
