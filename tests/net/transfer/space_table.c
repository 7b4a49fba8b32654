/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room that is promised to one transfer is not promised to another. */
#include "net/transfer/space_table.h"

#include <sys/stat.h>

#include "tests/support/wait.h"

static void
test_shares (void)
{
  g_autoptr (SpaceTable) table = space_table_new ();
  const Space disk = { .available = 100, .disk = 1 }, other = { .available = 100, .disk = 2 };
  SpaceShare *first = space_share_new (table, &disk, 60);
  g_assert_nonnull (first);
  g_assert_cmpuint (space_table_left (table, &disk), ==, 40);
  g_assert_null (space_share_new (table, &disk, 41));
  SpaceShare *elsewhere = space_share_new (table, &other, 100);
  g_assert_nonnull (elsewhere);

  /* What was written is no longer free either way; more than was promised changes nothing. */
  const Space later = { .available = 70, .disk = 1 };
  space_share_used (first, 30);
  g_assert_cmpuint (space_table_left (table, &later), ==, 40);
  space_share_used (first, 1000);
  g_assert_cmpuint (space_table_left (table, &later), ==, 70);
  space_share_free (first);
  SpaceShare *all = space_share_new (table, &disk, 100);
  g_assert_nonnull (all);
  const Space nothing = { .available = 10, .disk = 1 };
  g_assert_cmpuint (space_table_left (table, &nothing), ==, 0);
  space_share_free (all);
  space_share_free (elsewhere);
}

static void
test_ask (void)
{
  g_autoptr (GFile) there = g_file_new_for_path ("/");
  g_autoptr (GFile) missing = g_file_new_for_path ("/no such folder/at all");
  DexFuture *asked[] = { space_ask (there), space_ask (missing) };
  DexFuture *both = dex_future_all (dex_ref (asked[0]), dex_ref (asked[1]), NULL);
  dex_unref (space_ask (there)); /* nobody waits for this one */
  wait_until (!dex_future_is_pending (both));
  const Space *one = g_value_get_boxed (dex_future_get_value (asked[0], NULL));
  const Space *two = g_value_get_boxed (dex_future_get_value (asked[1], NULL));
  struct stat root;
  g_assert_no_errno (stat ("/", &root));
  g_assert_cmpuint (one->disk, ==, root.st_dev);
  g_assert_cmpuint (two->disk, ==, root.st_dev);
  dex_unref (asked[0]);
  dex_unref (asked[1]);
  dex_unref (both);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add_func ("/space/shares", test_shares);
  g_test_add_func ("/space/ask", test_ask);
  return g_test_run ();
}
