/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message per line, as a hostile sender would say them: what parses is written and parsed again
 * to the same text, and goes through the table of legal order. */
#include <string.h>

#include "net/core/control_state.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_text (const TransferControl *control)
{
  g_autoptr (GString) first = g_string_new (NULL);
  g_autoptr (GString) second = g_string_new (NULL);
  g_auto (TransferControl) again = { 0 };
  control_encode (control, first);
  g_assert_true (
      control_parse (&again, NULL, (const uint8_t *) first->str, first->len, NULL, NULL));
  control_encode (&again, second);
  g_assert_cmpstr (first->str, ==, second->str);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ControlState state = CONTROL_STATE_START;
  g_autoptr (Offer) offer = offer_new_incoming ();
  const uint8_t *end = data + size;
  for (ControlRole from = CONTROL_SENDER; data < end; from = !from)
    {
      const uint8_t *line_end = memchr (data, '\n', end - data);
      if (!line_end)
        line_end = end;
      g_auto (TransferControl) control = { 0 };
      g_auto (TransferControl) answer = { 0 };
      g_autoptr (GError) error = NULL;
      if (control_parse (&control, offer, data, line_end - data, &answer, &error))
        {
          if (control.type != CONTROL_OFFER)
            check_text (&control);
          control_state_advance (&state, from, &control, NULL);
        }
      else if (g_error_matches (error, CONTROL_ERROR, CONTROL_ERROR_UNKNOWN_TYPE))
        check_text (&answer);
      data = line_end + 1;
    }
  return 0;
}
