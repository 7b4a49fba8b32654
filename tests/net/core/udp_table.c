/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/udp_table.h"

#define HEAD                                                                                       \
  "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "   \
  "inode ref pointer drops             \n"
#define V4                                                                                         \
  "  402: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   114        0 "   \
  "7713 2 0000000000000000 0         \n"                                                           \
  " 1877: 0100007F:2BC4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 "   \
  "180144010155 2 0000000000000000 0\n"
#define V6                                                                                         \
  "12345: 00000000000000000000000000000000:2BC4 00000000000000000000000000000000:0000 07 "         \
  "00000000:00000000 00:00000000 00000000  1000        0 99 2 0000000000000000 0\n"

static const struct
{
  const char *table;
  uint16_t port;
  uint64_t inode;
} cases[] = {
  { HEAD V4, 5353, 7713 },
  { HEAD V4, 11204, 180144010155 },
  { HEAD V4, 11205, 0 },
  { HEAD V6, 11204, 99 },
  { HEAD, 11204, 0 },
  { "", 11204, 0 },
  { "1: 0:2BC4 0:0", 11204, 0 }, /* cut off */
  { "1: 2BC4 0:0 07 0:0 00:0 0 0 0 5", 11204, 0 },
};

static void
test_table (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%zu", i);
      g_assert_cmpuint (udp_table_find (cases[i].table, cases[i].port), ==, cases[i].inode);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/udp-table/table", test_table);
  return g_test_run ();
}
