/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/udp_table.h"

#include <string.h>

/* "  42: 00000000:2BC4 00000000:0000 07 00000000:00000000 00:00000000 00000000  0  0  7713 2 …" */
enum
{
  FIELD_LOCAL = 1,
  FIELD_INODE = 9,
};

uint64_t
udp_table_find (const char *table, uint16_t port)
{
  g_auto (GStrv) lines = g_strsplit (table, "\n", -1);
  for (char **line = lines; *line; line++)
    {
      g_auto (GStrv) parts = g_strsplit_set (*line, " ", -1);
      const char *fields[FIELD_INODE + 1] = { 0 };
      guint n = 0;
      for (char **part = parts; *part && n < G_N_ELEMENTS (fields); part++)
        if (**part)
          fields[n++] = *part;
      const char *colon = n == G_N_ELEMENTS (fields) ? strrchr (fields[FIELD_LOCAL], ':') : NULL;
      if (colon && g_ascii_strtoull (colon + 1, NULL, 16) == port)
        return g_ascii_strtoull (fields[FIELD_INODE], NULL, 10);
    }
  return 0;
}
