/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/report_pace.h"

#include "net/transfer/control_channel.h"

G_STATIC_ASSERT (REPORT_UNACKNOWLEDGED_MAX < CONTROL_UNACKNOWLEDGED_MAX);

void
report_pace_init (ReportPace *self, int64_t now_us)
{
  self->told_us = now_us;
}

bool
report_pace_admit (ReportPace *self, size_t unacknowledged, int64_t now_us, guint *n_items,
                   GError **error)
{
  *n_items = 0;
  if (unacknowledged <= REPORT_UNACKNOWLEDGED_MAX)
    {
      self->told_us = now_us;
      *n_items = REPORT_ITEMS_MAX;
      return true;
    }
  if (now_us - self->told_us <= REPORT_STALL_S * G_USEC_PER_SEC)
    return true;
  g_set_error_literal (error, CONTROL_ERROR, CONTROL_ERROR_LIMIT,
                       "what is reported is not acknowledged");
  return false;
}
