/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/transfer_phrases.h"

#include <glib/gi18n-lib.h>

#define MINUTE 60
#define HOUR   (60 * MINUTE)

char *
time_left_phrase (int64_t seconds)
{
  if (seconds < 1)
    return g_strdup (_ ("Less than a second left"));
  if (seconds < MINUTE)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "About %d second left",
                                         "About %d seconds left", (int) seconds),
                            (int) seconds);
  if (seconds < HOUR)
    {
      int n = (seconds + MINUTE / 2) / MINUTE;
      return g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "About %d minute left", "About %d minutes left", n), n);
    }

  int n = MIN ((seconds + HOUR / 2) / HOUR, G_MAXINT);
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "About %d hour left", "About %d hours left", n), n);
}

static char *
files_phrase (WherryTransfer *transfer)
{
  uint64_t files = wherry_transfer_get_files_total (transfer);
  g_autofree char *number = g_strdup_printf ("%'" G_GUINT64_FORMAT, files);

  /* Translators: %s is the number, already with its thousands marks */
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%s file", "%s files", (unsigned long) files), number);
}

static const char *
peer_name (WherryTransfer *transfer)
{
  return wherry_device_get_name (wherry_transfer_get_device (transfer));
}

char *
offer_phrase (WherryTransfer *transfer)
{
  g_autofree char *files = files_phrase (transfer);
  g_autofree char *size = g_format_size (wherry_transfer_get_bytes_total (transfer));

  /* Translators: who, "3 files", and how large they are together */
  return g_strdup_printf (_ ("%1$s wants to send you %2$s (%3$s)"), peer_name (transfer), files,
                          size);
}

#define NAMES_SHOWN 3
/* The transfer tells no more names than these, so the number of the rest is not known then. */
#define NAMES_TOLD 10

char *
names_phrase (WherryTransfer *transfer)
{
  const char *const *names = wherry_transfer_get_names (transfer);
  unsigned n = g_strv_length ((char **) names);
  const char *c = n > 2 ? names[2] : NULL;
  if (n == 0)
    return g_strdup ("");
  if (n == 1)
    return g_strdup (names[0]);
  if (n == 2)
    /* Translators: a list of names of files */
    return g_strdup_printf (_ ("%1$s, %2$s"), names[0], names[1]);
  if (n == NAMES_SHOWN)
    return g_strdup_printf (_ ("%1$s, %2$s, %3$s"), names[0], names[1], c);
  if (n >= NAMES_TOLD)
    return g_strdup_printf (_ ("%1$s, %2$s, %3$s and more"), names[0], names[1], c);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%1$s, %2$s, %3$s and %4$u more",
                                       "%1$s, %2$s, %3$s and %4$u more", n - NAMES_SHOWN),
                          names[0], names[1], c, n - NAMES_SHOWN);
}

char *
destination_phrase (WherryTransfer *transfer)
{
  GFile *folder = wherry_transfer_get_destination (transfer);
  uint64_t free_space = wherry_transfer_get_free_space (transfer);
  g_autofree char *name = folder ? g_file_get_basename (folder) : NULL;
  g_autofree char *size = g_format_size (free_space);
  if (free_space == UINT64_MAX)
    return name ? g_strdup_printf (_ ("Goes to %s"), name) : g_strdup ("");
  if (!name)
    return g_strdup_printf (_ ("%s free"), size);
  if (free_space < wherry_transfer_get_bytes_total (transfer))
    return g_strdup_printf (_ ("Only %1$s free in %2$s: choose another folder or make room"), size,
                            name);
  return g_strdup_printf (_ ("Goes to %1$s, %2$s free"), name, size);
}

static char *
active_phrase (WherryTransfer *transfer)
{
  if (wherry_transfer_get_phase (transfer) == TRANSFER_PHASE_WAITING)
    return g_strdup (_ ("Waiting for its turn"));
  if (wherry_transfer_get_phase (transfer) == TRANSFER_PHASE_SILENT)
    return g_strdup_printf (_ ("Waiting for %s…"), peer_name (transfer));
  if (wherry_transfer_get_phase (transfer) == TRANSFER_PHASE_VERIFYING)
    return g_strdup (_ ("Verifying"));

  uint64_t bytes_total = wherry_transfer_get_bytes_total (transfer);
  int64_t eta = wherry_transfer_get_eta (transfer);
  g_autofree char *done = g_format_size (wherry_transfer_get_bytes_done (transfer));
  g_autofree char *total = g_format_size (bytes_total);
  g_autofree char *rate = g_format_size ((uint64_t) MAX (wherry_transfer_get_rate (transfer), 0));
  g_autofree char *left = eta >= 0 ? time_left_phrase (eta) : NULL;

  /* Translators: "12 MB of 45 MB · 110 MB/s · About 3 seconds left" */
  if (left)
    return g_strdup_printf (_ ("%1$s of %2$s · %3$s/s · %4$s"), done, total, rate, left);
  return g_strdup_printf (_ ("%1$s of %2$s · %3$s/s"), done, total, rate);
}

bool
transfer_is_partial (WherryTransfer *transfer)
{
  return wherry_transfer_get_notes (transfer)[0] ||
         wherry_transfer_get_files_skipped (transfer) > 0;
}

/* There are notes of the first ones only. */
static unsigned
count_skipped (WherryTransfer *transfer)
{
  return (unsigned) MIN (wherry_transfer_get_files_skipped (transfer), UINT_MAX);
}

/* A receiver's notes may also be of what it kept, but not in all respects. */
static unsigned
count_problems (WherryTransfer *transfer)
{
  return MAX (count_skipped (transfer),
              g_strv_length ((char **) wherry_transfer_get_notes (transfer)));
}

static char *
partial_phrase (WherryTransfer *transfer)
{
  g_autofree char *files = files_phrase (transfer);
  bool sending = wherry_transfer_get_direction (transfer) == TRANSFER_SENDING;
  unsigned skipped = count_skipped (transfer);
  unsigned n = sending && skipped > 0 ? skipped : count_problems (transfer);
  if (sending)
    /* Translators: "Sent · 3 files, 2 skipped" */
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "Sent · %1$s, %2$u skipped", "Sent · %1$s, %2$u skipped", n),
        files, n);
  /* Translators: "Received · 3 files, 2 with problems" */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Received · %1$s, %2$u with problems",
                                       "Received · %1$s, %2$u with problems", n),
                          files, n);
}

static char *
done_phrase (WherryTransfer *transfer)
{
  if (transfer_is_partial (transfer))
    return partial_phrase (transfer);

  g_autofree char *files = files_phrase (transfer);
  g_autofree char *size = g_format_size (wherry_transfer_get_bytes_total (transfer));

  if (wherry_transfer_get_direction (transfer) == TRANSFER_SENDING)
    return g_strdup_printf (_ ("Sent · %1$s · %2$s"), files, size);
  return g_strdup_printf (_ ("Received · %1$s · %2$s"), files, size);
}

char *
transfer_phrase (WherryTransfer *transfer)
{
  bool sending = wherry_transfer_get_direction (transfer) == TRANSFER_SENDING;
  const char *message = wherry_transfer_get_message (transfer);
  switch (wherry_transfer_get_state (transfer))
    {
    case TRANSFER_PREPARING:
      return g_strdup (sending ? _ ("Getting ready to send") : _ ("Getting ready to receive"));
    case TRANSFER_OFFERED:
      return sending ? g_strdup_printf (_ ("Waiting for %s to accept"), peer_name (transfer))
                     : names_phrase (transfer);
    case TRANSFER_ACTIVE:
      return active_phrase (transfer);
    case TRANSFER_DONE:
      return done_phrase (transfer);
    case TRANSFER_DECLINED:
      return sending ? g_strdup_printf (_ ("%s declined"), peer_name (transfer))
                     : g_strdup (_ ("You declined"));
    case TRANSFER_CANCELLED:
      return wherry_transfer_get_reason (transfer) == TRANSFER_REASON_CANCELLED_THERE
                 ? g_strdup_printf (_ ("Cancelled by %s"), peer_name (transfer))
                 : g_strdup (_ ("Cancelled"));
    case TRANSFER_EXPIRED:
      return sending ? g_strdup_printf (_ ("%s did not answer within five minutes"),
                                        peer_name (transfer))
                     : g_strdup (_ ("Nobody answered within five minutes"));
    case TRANSFER_INTERRUPTED:
      return g_strdup (message ? message : _ ("The connection broke; try again"));
    case TRANSFER_FAILED:
      return g_strdup (message ? message : _ ("Something went wrong; try again"));
    }
  g_return_val_if_reached (NULL);
}

char *
activity_phrase (WherryTransfer *transfer)
{
  bool sending = wherry_transfer_get_direction (transfer) == TRANSFER_SENDING;
  double fraction = 0;
  switch (wherry_transfer_get_state (transfer))
    {
    case TRANSFER_OFFERED:
      return g_strdup (sending ? _ ("Waiting for an answer") : _ ("Wants to send you files"));
    case TRANSFER_ACTIVE:
      g_object_get (transfer, "fraction", &fraction, NULL);
      return g_strdup_printf (sending ? _ ("Sending · %d %%") : _ ("Receiving · %d %%"),
                              (int) (fraction * 100));
    case TRANSFER_PREPARING:
    case TRANSFER_DONE:
    case TRANSFER_FAILED:
    case TRANSFER_DECLINED:
    case TRANSFER_CANCELLED:
    case TRANSFER_EXPIRED:
    case TRANSFER_INTERRUPTED:
    default:
      return transfer_phrase (transfer);
    }
}

char *
finished_phrase (WherryTransfer *transfer)
{
  if (wherry_transfer_get_state (transfer) != TRANSFER_DONE)
    return NULL;

  const char *title = wherry_transfer_get_title (transfer);
  unsigned n = count_skipped (transfer);
  if (wherry_transfer_get_direction (transfer) == TRANSFER_RECEIVING)
    return g_strdup_printf (_ ("Received %1$s from %2$s"), title, peer_name (transfer));
  if (n == 0)
    return g_strdup_printf (_ ("Sent %1$s to %2$s"), title, peer_name (transfer));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Sent %1$s to %2$s, %3$u skipped",
                                       "Sent %1$s to %2$s, %3$u skipped", n),
                          title, peer_name (transfer), n);
}

const char *
transfer_icon_name (WherryTransfer *transfer)
{
  switch (wherry_transfer_get_state (transfer))
    {
    case TRANSFER_DONE:
      return transfer_is_partial (transfer) ? "dialog-warning-symbolic" : "object-select-symbolic";
    case TRANSFER_FAILED:
    case TRANSFER_INTERRUPTED:
      return "dialog-warning-symbolic";
    case TRANSFER_DECLINED:
    case TRANSFER_CANCELLED:
    case TRANSFER_EXPIRED:
      return "action-unavailable-symbolic";
    case TRANSFER_PREPARING:
    case TRANSFER_OFFERED:
    case TRANSFER_ACTIVE:
    default:
      return wherry_transfer_get_direction (transfer) == TRANSFER_SENDING
                 ? "document-send-symbolic"
                 : "folder-download-symbolic";
    }
}

char *
outside_phrase (unsigned n)
{
  return g_strdup_printf (
      g_dngettext (
          GETTEXT_PACKAGE,
          "%u item is outside of Wherry’s sandbox, which sees only what you choose in it.",
          "%u items are outside of Wherry’s sandbox, which sees only what you choose in it.", n),
      n);
}

char *
left_out_phrase (unsigned n)
{
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       "%u item is not on this computer and was left out.",
                                       "%u items are not on this computer and were left out.", n),
                          n);
}
