/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for a DexFuture in a test. Every call consumes its future. */
#pragma once

#include <libdex.h>
#include <stdint.h>

#include "tests/support/wait.h"

static inline DexFuture *
wait_settled (DexFuture *future, const char *what)
{
  wait_until_in (NULL, !dex_future_is_pending (future), what);
  return future;
}

static inline gboolean
wait_future_at (DexFuture *future, GError **error, const char *what)
{
  gboolean ok = dex_future_get_value (wait_settled (future, what), error) != NULL;
  dex_unref (future);
  return ok;
}

static inline int64_t
wait_int64_at (DexFuture *future, GError **error, const char *what)
{
  const GValue *value = dex_future_get_value (wait_settled (future, what), error);
  int64_t number = value ? g_value_get_int64 (value) : -1;
  dex_unref (future);
  return number;
}

static inline gpointer
wait_boxed_at (DexFuture *future, const char *what)
{
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (wait_settled (future, what), &error);
  g_assert_no_error (error);
  gpointer boxed = g_value_dup_boxed (value);
  dex_unref (future);
  return boxed;
}

static inline void
wait_for_at (DexFuture *future, const char *what)
{
  g_autoptr (GError) error = NULL;
  wait_future_at (future, &error, what);
  g_assert_no_error (error);
}

#define WAIT_WHAT_(future) #future " at " G_STRLOC

/** Until @future is settled; its error, if any, is of no interest. */
#define run_until(future) dex_unref (wait_settled (future, WAIT_WHAT_ (future)))
/** Until @future is settled: false and an error when it rejects. */
#define wait_future(future, error) wait_future_at (future, error, WAIT_WHAT_ (future))
/** What @future resolves to; -1 and an error when it rejects. */
#define wait_int64(future, error) wait_int64_at (future, error, WAIT_WHAT_ (future))
/** Until @future resolves; the test fails when it rejects. */
#define wait_for(future) wait_for_at (future, WAIT_WHAT_ (future))
/** The same, and what it resolves to. (transfer full) */
#define wait_boxed(future) wait_boxed_at (future, WAIT_WHAT_ (future))
