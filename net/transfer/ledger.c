/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/ledger.h"

#include <stdatomic.h>

struct Ledger
{
  _Atomic uint64_t bytes;
  GMutex mutex;
  GArray *items; /* LedgerItem, guarded by mutex; NULL when empty */
  guint taken;   /* of them, the first; guarded by mutex */
};

static void
ledger_item_clear (gpointer data)
{
  g_free (((LedgerItem *) data)->text);
}

Ledger *
ledger_new (void)
{
  Ledger *ledger = g_new0 (Ledger, 1);
  g_mutex_init (&ledger->mutex);
  return ledger;
}

void
ledger_free (Ledger *ledger)
{
  g_clear_pointer (&ledger->items, g_array_unref);
  g_mutex_clear (&ledger->mutex);
  g_free (ledger);
}

void
ledger_count_bytes (Ledger *ledger, uint64_t bytes)
{
  atomic_fetch_add_explicit (&ledger->bytes, bytes, memory_order_relaxed);
}

uint64_t
ledger_get_bytes (const Ledger *ledger)
{
  return atomic_load_explicit (&ledger->bytes, memory_order_relaxed);
}

void
ledger_add (Ledger *ledger, const LedgerItem *item)
{
  g_mutex_lock (&ledger->mutex);
  if (!ledger->items)
    {
      ledger->items = g_array_new (false, false, sizeof (LedgerItem));
      g_array_set_clear_func (ledger->items, ledger_item_clear);
    }
  g_array_append_vals (ledger->items, item, 1);
  g_mutex_unlock (&ledger->mutex);
}

bool
ledger_is_empty (Ledger *ledger)
{
  g_mutex_lock (&ledger->mutex);
  bool empty = !ledger->items;
  g_mutex_unlock (&ledger->mutex);
  return empty;
}

/* With the mutex. */
static GArray *
take_some (Ledger *ledger, guint max)
{
  guint n = MIN (max, ledger->items->len - ledger->taken);
  GArray *items = g_array_sized_new (false, false, sizeof (LedgerItem), n);
  g_array_set_clear_func (items, ledger_item_clear);
  for (guint i = 0; i < n; i++)
    {
      LedgerItem *item = &g_array_index (ledger->items, LedgerItem, ledger->taken++);
      g_array_append_vals (items, item, 1);
      item->text = NULL;
    }
  if (ledger->taken == ledger->items->len)
    {
      g_clear_pointer (&ledger->items, g_array_unref);
      ledger->taken = 0;
    }
  return items;
}

GArray *
ledger_take (Ledger *ledger, guint max)
{
  g_mutex_lock (&ledger->mutex);
  GArray *items = ledger->items ? take_some (ledger, max) : NULL;
  g_mutex_unlock (&ledger->mutex);
  return items;
}
