/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path gate lets nothing through that could leave the folder, and cleaning always ends at a
 * name that passes. */
#include "net/core/path.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_passed (const char *path, size_t len)
{
  g_assert_true (len <= PATH_MAX_BYTES && !memchr (path, '\0', len));
  g_assert_true (path[0] != '/');
  g_autofree char *copy = g_strndup (path, len);
  g_auto (GStrv) parts = g_strsplit (copy, "/", -1);
  g_assert_cmpuint (g_strv_length (parts), <=, PATH_MAX_DEPTH);
  for (char **part = parts; *part; part++)
    {
      g_assert_true (**part != '\0' && strcmp (*part, ".") != 0 && strcmp (*part, "..") != 0);
      g_assert_cmpuint (strlen (*part), <=, PATH_COMPONENT_MAX);
      g_assert_true (path_check_component (*part, NULL));
      g_autofree char *conflict = path_conflict_name (*part, 7);
      g_autofree char *temp = path_temp_name (*part, 7);
      g_assert_true (strlen (conflict) <= PATH_COMPONENT_MAX && !path_check_component (temp, NULL));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  if (path_check_entry_len ((const char *) data, size, &error))
    check_passed ((const char *) data, size);
  else
    g_assert_true (g_utf8_validate (error->message, -1, NULL));

  g_autofree char *name = g_strndup ((const char *) data, size);
  g_autofree char *clean = path_clean_component (name);
  g_assert_true (path_check_component (clean, NULL));
  return 0;
}
