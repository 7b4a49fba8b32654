/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network_state.json: what is read can be written and read again, and is the same then. */
#include "net/store/state_document.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (StateDocument) document = state_document_parse ((const char *) data, size, NULL);
  g_autoptr (StateDocument) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (!document)
    return 0;
  size_t len;
  first = state_document_serialize (document, &len);
  again = state_document_parse (first, len, &error);
  g_assert_no_error (error);
  second = state_document_serialize (again, &len);
  g_assert_cmpstr (first, ==, second);
  return 0;
}
