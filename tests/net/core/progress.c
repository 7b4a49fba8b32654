/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/progress.h"

#include <glib.h>

#define MS INT64_C (1000)
#define S  INT64_C (1000000)
#define T0 (123 * S)

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 0.001 * (b))

/* Adds @rate bytes per second in steps of @step_us until @until_us. */
static int64_t
run (Progress *progress, uint64_t rate, int64_t step_us, int64_t from_us, int64_t until_us)
{
  uint64_t done = progress->done;
  for (; from_us < until_us; from_us += step_us)
    progress_set (progress, done += rate * step_us / S, from_us + step_us);
  return from_us;
}

static void
steady (void)
{
  static const int64_t steps[] = { 1 * MS, 33 * MS, 100 * MS, 700 * MS };
  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      Progress progress;
      progress_init (&progress, 100000000, 0, T0);
      int64_t now = run (&progress, 1000000, steps[i], T0, T0 + 20 * S);
      assert_near (progress_rate (&progress, now), 1000000.0);
      g_assert_cmpint (progress_eta (&progress, now), ==, 100 - (now - T0) / S);
    }
}

/* A change of speed shows fully after the window and partly before. */
static void
smooth (void)
{
  Progress progress;
  progress_init (&progress, UINT64_MAX, 0, T0);
  int64_t now = run (&progress, 1000000, 10 * MS, T0, T0 + 10 * S);
  now = run (&progress, 3000000, 10 * MS, now, now + 5 * S / 2);
  assert_near (progress_rate (&progress, now), 2000000.0);
  now = run (&progress, 3000000, 10 * MS, now, now + 5 * S / 2);
  assert_near (progress_rate (&progress, now), 3000000.0);
}

static void
stall (void)
{
  Progress progress;
  progress_init (&progress, 100000000, 0, T0);
  int64_t now = run (&progress, 1000000, 10 * MS, T0, T0 + 10 * S);
  g_assert_cmpfloat (progress_rate (&progress, now + S), <, 1000000.0);
  g_assert_cmpfloat (progress_rate (&progress, now + S), >, 0.0);
  g_assert_cmpfloat (progress_rate (&progress, now + 5 * S), ==, 0.0);
  g_assert_cmpint (progress_eta (&progress, now + 5 * S), ==, -1);
}

static void
first_moments (void)
{
  Progress progress;
  progress_init (&progress, 1000, 0, T0);
  g_assert_cmpint (progress_eta (&progress, T0), ==, -1);
  progress_set (&progress, 500, T0 + 1);
  g_assert_cmpfloat (progress_rate (&progress, T0 + 1), ==, 0.0);
  progress_set (&progress, 500, T0 + S);
  assert_near (progress_rate (&progress, T0 + S), 500.0);
  g_assert_cmpint (progress_eta (&progress, T0 + S), ==, 1);
  progress_set (&progress, 501, T0 + S);
  g_assert_cmpint (progress_eta (&progress, T0 + S), ==, 1);
}

/* What a former attempt brought is in the fraction, but does not count for the speed. */
static void
resumed (void)
{
  Progress progress;
  progress_init (&progress, 1000, 600, T0);
  assert_near (progress_fraction (&progress), 0.6);
  progress_set (&progress, 700, T0 + S);
  assert_near (progress_rate (&progress, T0 + S), 100.0);
  g_assert_cmpint (progress_eta (&progress, T0 + S), ==, 3);
}

static void
sent_again (void)
{
  Progress progress;
  progress_init (&progress, 100000000, 0, T0);
  int64_t now = run (&progress, 1000000, 10 * MS, T0, T0 + 10 * S);
  progress_set (&progress, 2000000, now);
  g_assert_cmpfloat (progress_rate (&progress, now), ==, 0.0);
  now = run (&progress, 1000000, 10 * MS, now, now + S);
  assert_near (progress_rate (&progress, now), 1000000.0);
}

static void
edges (void)
{
  Progress progress;
  progress_init (&progress, 0, 0, T0);
  g_assert_cmpfloat (progress_fraction (&progress), ==, 1.0);
  g_assert_cmpint (progress_eta (&progress, T0), ==, 0);
  progress_init (&progress, UINT64_MAX, 0, T0);
  progress_set (&progress, 1, T0 + S);
  g_assert_cmpint (progress_eta (&progress, T0 + S), ==, -1);
}

static void
gate (void)
{
  Progress progress;
  progress_init (&progress, 1000, 0, T0);
  int shown = 0;
  for (int64_t now = T0; now < T0 + 3 * S; now += 7 * MS)
    shown += progress_gate (&progress, now);
  g_assert_cmpint (shown, <=, 30);
  g_assert_cmpint (shown, >=, 28);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/progress/steady", steady);
  g_test_add_func ("/progress/smooth", smooth);
  g_test_add_func ("/progress/stall", stall);
  g_test_add_func ("/progress/first-moments", first_moments);
  g_test_add_func ("/progress/resumed", resumed);
  g_test_add_func ("/progress/sent-again", sent_again);
  g_test_add_func ("/progress/edges", edges);
  g_test_add_func ("/progress/gate", gate);
  return g_test_run ();
}
