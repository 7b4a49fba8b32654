/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What we tell by ourselves stays within what a peer may leave unacknowledged, and a peer that
 * acknowledges none of it for a minute is given up. Time is an argument. */
#include "net/transfer/report_pace.h"

#include "net/core/frame.h"
#include "net/core/session.h"
#include "net/transfer/control_channel.h"

#define START_US (1000 * G_USEC_PER_SEC)
#define TOO_MUCH (REPORT_UNACKNOWLEDGED_MAX + 1)

static void
assert_admitted (ReportPace *pace, size_t unacknowledged, double seconds, guint expected)
{
  g_autoptr (GError) error = NULL;
  guint n_items;
  g_assert_true (report_pace_admit (
      pace, unacknowledged, START_US + (int64_t) (seconds * G_USEC_PER_SEC), &n_items, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_items, ==, expected);
}

static void
test_waits (void)
{
  ReportPace pace;
  report_pace_init (&pace, START_US);
  assert_admitted (&pace, 0, 0, REPORT_ITEMS_MAX);
  assert_admitted (&pace, TOO_MUCH, 0.1, 0);
  assert_admitted (&pace, REPORT_UNACKNOWLEDGED_MAX, 0.2, REPORT_ITEMS_MAX);
}

static void
test_stalls (void)
{
  ReportPace pace;
  guint n_items;
  g_autoptr (GError) error = NULL;
  report_pace_init (&pace, START_US);
  assert_admitted (&pace, 0, 30, REPORT_ITEMS_MAX); /* counted from here */
  assert_admitted (&pace, TOO_MUCH, 90, 0);
  g_assert_false (
      report_pace_admit (&pace, TOO_MUCH, START_US + 90 * G_USEC_PER_SEC + 1, &n_items, &error));
  g_assert_error (error, CONTROL_ERROR, CONTROL_ERROR_LIMIT);
  g_assert_cmpuint (n_items, ==, 0);
}

static size_t
length_on_the_stream (const TransferControl *control)
{
  g_autoptr (GString) json = g_string_new (NULL);
  control_encode (control, json);
  return FRAME_HEADER_LEN + json->len + SESSION_OVERHEAD;
}

/* The longest of what one item can be told as. */
static void
test_one_report_fits (void)
{
  size_t longest = 0;
  for (int reason = 0; reason < CONTROL_REASON_COUNT; reason++)
    longest = MAX (longest, length_on_the_stream (&(TransferControl) {
                                .type = CONTROL_ENTRY_FAILED,
                                .failed = { .entry_id = G_MAXUINT32, .reason = reason } }));
  longest =
      MAX (longest, length_on_the_stream (&(TransferControl) { .type = CONTROL_CHECKSUM_MISMATCH,
                                                               .mismatch.entry_id = G_MAXUINT32 }));
  g_assert_cmpuint (REPORT_UNACKNOWLEDGED_MAX + REPORT_ITEMS_MAX * longest, <=,
                    CONTROL_UNACKNOWLEDGED_MAX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-pace/waits", test_waits);
  g_test_add_func ("/report-pace/stalls", test_stalls);
  g_test_add_func ("/report-pace/one-report-fits", test_one_report_fits);
  return g_test_run ();
}
