/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/entry_sentence.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/core/path.h"

static const char *const not_sent[CONTROL_REASON_COUNT] = {
  [CONTROL_REASON_OTHER] = N_ ("“%s” was not sent: it cannot be read."),
  [CONTROL_REASON_VANISHED] = N_ ("“%s” was not sent: it is gone."),
  [CONTROL_REASON_NOT_REGULAR] = N_ ("“%s” was not sent: it is no longer a file."),
  [CONTROL_REASON_CHANGED] = N_ (
      "“%s” was not sent: it changed while it was sent, or has another size than its file system says."),
};

static const char *const not_written[CONTROL_REASON_COUNT] = {
  [CONTROL_REASON_OTHER] = N_ ("“%s” could not be written at the other side."),
  [CONTROL_REASON_CHECKSUM] = N_ ("“%s” arrived damaged and was not kept. Send it again."),
  [CONTROL_REASON_PERMISSION] =
      N_ ("“%s” could not be written at the other side: permission denied."),
  [CONTROL_REASON_NAME] =
      N_ ("“%s” could not be written at the other side: its disk does not take this name."),
  [CONTROL_REASON_NAME_TOO_LONG] =
      N_ ("“%s” could not be written at the other side: the name is too long there."),
  [CONTROL_REASON_EXISTS] =
      N_ ("“%s” could not be written at the other side: something else is in its place."),
  [CONTROL_REASON_READ_ONLY] =
      N_ ("“%s” could not be written at the other side: its disk is read-only."),
  [CONTROL_REASON_NO_SPACE] =
      N_ ("“%s” could not be written at the other side: there is no space left."),
  [CONTROL_REASON_TOO_LARGE] =
      N_ ("“%s” could not be written at the other side: it is too large for that disk."),
  [CONTROL_REASON_IO] =
      N_ ("“%s” could not be written at the other side: its disk reported an error."),
};

static const char *const left_out[CONTROL_REASON_COUNT] = {
  [CONTROL_REASON_OTHER] = N_ ("“%s” was left out at the other side: it could not be read."),
  [CONTROL_REASON_NOT_REGULAR] =
      N_ ("“%s” was left out at the other side: it is a link, a pipe, a socket or a device."),
};

/* A reason that the table does not know is told as OTHER. */
static char *
tell (const char *const *sentences, const char *path, ControlReason reason)
{
  g_autofree char *shown = path_display (path, strlen (path));
  const char *sentence = sentences[reason] ? sentences[reason] : sentences[CONTROL_REASON_OTHER];
  return g_strdup_printf (_ (sentence), shown);
}

char *
entry_sentence_not_sent (const char *path, ControlReason reason)
{
  return tell (not_sent, path, reason);
}

char *
entry_sentence_not_written (const char *path, ControlReason reason)
{
  return tell (not_written, path, reason);
}

char *
entry_sentence_left_out (const char *path, ControlReason reason)
{
  return tell (left_out, path, reason);
}

char *
entry_sentence_damaged (const char *path)
{
  return tell (not_written, path, CONTROL_REASON_CHECKSUM);
}
