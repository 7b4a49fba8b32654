/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that one thread enters the other takes, once and in order. */
#include "net/transfer/ledger.h"

#define N_ITEMS 10000

static gpointer
enter_items (gpointer data)
{
  for (uint32_t i = 0; i < N_ITEMS; i++)
    {
      LedgerItem item = { .entry_id = i, .ok = i % 2, .text = g_strdup ("text") };
      ledger_add (data, &item);
      ledger_count_bytes (data, 3);
    }
  return NULL;
}

static void
test_two_threads (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  GThread *worker = g_thread_new ("worker", enter_items, ledger);
  for (uint32_t next = 0; next < N_ITEMS;)
    {
      g_autoptr (GArray) items = ledger_take (ledger, 7);
      g_assert_cmpuint (items ? items->len : 0, <=, 7);
      for (guint i = 0; items && i < items->len; i++)
        {
          const LedgerItem *item = &g_array_index (items, LedgerItem, i);
          g_assert_cmpuint (item->entry_id, ==, next);
          g_assert_cmpint (item->ok, ==, next % 2);
          g_assert_cmpstr (item->text, ==, "text");
          next++;
        }
    }
  g_thread_join (worker);
  g_assert_true (ledger_is_empty (ledger));
  g_assert_null (ledger_take (ledger, 7));
  g_assert_cmpuint (ledger_get_bytes (ledger), ==, 3 * N_ITEMS);
}

/* What nobody took is freed with the ledger; the sanitizers would tell. */
static void
test_left (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  for (unsigned i = 0; i < 3; i++)
    ledger_add (ledger, &(LedgerItem) { .text = g_strdup ("left") });
  g_autoptr (GArray) items = ledger_take (ledger, 2);
  g_assert_cmpuint (items->len, ==, 2);
  g_assert_false (ledger_is_empty (ledger));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger/two-threads", test_two_threads);
  g_test_add_func ("/ledger/left", test_left);
  return g_test_run ();
}
