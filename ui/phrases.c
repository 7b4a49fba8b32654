/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/phrases.h"

#include <glib/gi18n-lib.h>

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static char *
offline_phrase (int64_t seconds)
{
  if (seconds < HOUR)
    {
      int n = seconds / MINUTE;
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Offline, seen %d minute ago",
                                           "Offline, seen %d minutes ago", n),
                              n);
    }
  if (seconds < DAY)
    {
      int n = seconds / HOUR;
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Offline, seen %d hour ago",
                                           "Offline, seen %d hours ago", n),
                              n);
    }

  int n = MIN (seconds / DAY, G_MAXINT);
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "Offline, seen %d day ago", "Offline, seen %d days ago", n), n);
}

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

char *
countdown_phrase (int seconds)
{
  return g_strdup_printf ("%d:%02d", seconds / 60, seconds % 60);
}

static char *
round_trip_phrase (int64_t rtt_us)
{
  if (rtt_us < 10000)
    return g_strdup_printf (_ ("On this network · %.1f ms"), rtt_us / 1000.0);
  return g_strdup_printf (_ ("On this network · %d ms"), (int) (rtt_us / 1000));
}

char *
device_phrase (WherryDevice *device, int64_t now)
{
  if (wherry_device_get_state (device) == DEVICE_STATE_PAIRING)
    return g_strdup (_ ("Pairing…"));
  if (wherry_device_get_needs_pairing (device))
    return g_strdup (_ ("Must be paired again"));
  if (!wherry_device_get_paired (device))
    return g_strdup (wherry_device_get_pairing_open (device) ? _ ("Wants to pair")
                                                             : _ ("On this network"));

  int64_t rtt_us = wherry_device_get_rtt_us (device);
  if (wherry_device_get_state (device) == DEVICE_STATE_CONNECTED)
    return rtt_us > 0 ? round_trip_phrase (rtt_us) : g_strdup (_ ("Connected"));
  if (wherry_device_get_nearby (device))
    return g_strdup (_ ("On this network"));

  int64_t last_seen = wherry_device_get_last_seen (device);
  if (last_seen == 0)
    return g_strdup (_ ("Offline"));

  /* Without discovery nobody tells us that it left, and connections end when nothing is sent. */
  if (now - last_seen < MINUTE)
    return g_strdup (_ ("Seen just now"));

  return offline_phrase (now - last_seen);
}

const char *
device_icon_name (DeviceType type)
{
  switch (type)
    {
    case DEVICE_LAPTOP:
      return "wherry-laptop-symbolic";
    case DEVICE_PHONE:
      return "phone-symbolic";
    case DEVICE_TABLET:
      return "tablet-symbolic";
    case DEVICE_SERVER:
      return "network-server-symbolic";
    case DEVICE_DESKTOP:
    default:
      return "computer-symbolic";
    }
}

const char *
discovery_advice (DiscoveryState state)
{
  switch (state)
    {
    case DISCOVERY_NO_DAEMON:
      return _ ("The Avahi service does not run on this computer. Install avahi-daemon if it is "
                "missing, and start it with the command below. Wherry goes on by itself then. "
                "Pairing by address or link works without it.");
    case DISCOVERY_FAILED:
      return _ ("The Avahi service runs, but refuses to work for Wherry. The command below shows "
                "why. Pairing by address or link works without it.");
    case DISCOVERY_OFF:
    case DISCOVERY_STARTING:
    case DISCOVERY_RUNNING:
    default:
      return NULL;
    }
}

const char *
discovery_command (DiscoveryState state)
{
  return state == DISCOVERY_FAILED ? "systemctl status avahi-daemon"
                                   : "sudo systemctl enable --now avahi-daemon";
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
  return wherry_transfer_get_notes (transfer)[0];
}

static unsigned
count_notes (WherryTransfer *transfer)
{
  return g_strv_length ((char **) wherry_transfer_get_notes (transfer));
}

/* A sender's notes are of what it skipped; a receiver's may be of what it kept, but not in all
 * respects. */
static char *
partial_phrase (WherryTransfer *transfer)
{
  g_autofree char *files = files_phrase (transfer);
  unsigned n = count_notes (transfer);
  if (wherry_transfer_get_direction (transfer) == TRANSFER_SENDING)
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
  unsigned n = count_notes (transfer);
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

const char *
pairing_reason_title (PairingReason reason)
{
  switch (reason)
    {
    case PAIRING_REASON_WRONG_CODE:
      return _ ("The Code Does Not Match");
    case PAIRING_REASON_EXPIRED:
      return _ ("The Code Has Expired");
    case PAIRING_REASON_CANCELLED:
      return _ ("Pairing Was Cancelled");
    case PAIRING_REASON_DECLINED:
      return _ ("The Other Device Declined");
    case PAIRING_REASON_DECLINED_HERE:
      return _ ("You Declined");
    case PAIRING_REASON_NO_CODE:
      return _ ("The Other Device Shows No Code");
    case PAIRING_REASON_TOO_MANY_ATTEMPTS:
      return _ ("Too Many Wrong Codes");
    case PAIRING_REASON_UNREACHABLE:
      return _ ("The Other Device Did Not Answer");
    case PAIRING_REASON_VERSION:
      return _ ("The Versions Do Not Fit");
    case PAIRING_REASON_SELF:
      return _ ("This Is This Device");
    case PAIRING_REASON_BUSY:
      return _ ("Already Pairing");
    case PAIRING_REASON_STORAGE:
      return _ ("The Device Could Not Be Saved");
    case PAIRING_REASON_PROTOCOL:
    case PAIRING_REASON_NONE:
    default:
      return _ ("Pairing Failed");
    }
}

const char *
pairing_reason_advice (PairingReason reason)
{
  switch (reason)
    {
    case PAIRING_REASON_WRONG_CODE:
      return _ ("Compare the words with those on the other device and enter them again.");
    case PAIRING_REASON_EXPIRED:
      return _ ("A code is good for five minutes. Show a new one and enter it within that time.");
    case PAIRING_REASON_CANCELLED:
      return _ ("Someone closed the pairing. Start again when both devices are at hand.");
    case PAIRING_REASON_DECLINED:
      return _ ("Ask the person at the other device to accept, then try again.");
    case PAIRING_REASON_DECLINED_HERE:
      return _ ("Show a new code if you want to pair after all.");
    case PAIRING_REASON_NO_CODE:
      return _ ("Choose Add Device on the other device, then enter the code that it shows.");
    case PAIRING_REASON_TOO_MANY_ATTEMPTS:
      return _ ("The code was entered wrongly three times and is dead now. Show a new one.");
    case PAIRING_REASON_UNREACHABLE:
      return _ ("Check that it shows a code, that both devices are on the same network and that no "
                "firewall blocks Wherry, then try again.");
    case PAIRING_REASON_VERSION:
      return _ ("Update Wherry on both devices, then try again.");
    case PAIRING_REASON_SELF:
      return _ ("The code is this device’s own. Enter it on the device that you want to add.");
    case PAIRING_REASON_BUSY:
      return _ ("These two devices are pairing already. Finish or cancel that first.");
    case PAIRING_REASON_STORAGE:
      return _ ("Make room on the disk or check the permissions of Wherry’s data folder, then pair "
                "again.");
    case PAIRING_REASON_PROTOCOL:
    case PAIRING_REASON_NONE:
    default:
      return _ ("The other device answered in a way that Wherry does not understand. Update Wherry "
                "on both devices, then try again.");
    }
}

char *
attempts_phrase (int attempts_left)
{
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%d attempt left", "%d attempts left", attempts_left),
      attempts_left);
}

char *
no_code_title (const char *peer)
{
  /* Translators: a heading; %s is the name of a device */
  return peer ? g_strdup_printf (_ ("%s Shows No Code"), peer)
              : g_strdup (pairing_reason_title (PAIRING_REASON_NO_CODE));
}

char *
no_code_advice (const char *peer)
{
  return peer ? g_strdup_printf (_ ("Choose Add Device on %s, then enter the code that it shows."),
                                 peer)
              : g_strdup (pairing_reason_advice (PAIRING_REASON_NO_CODE));
}

char *
left_out_phrase (unsigned n)
{
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       "%u item is not on this computer and was left out.",
                                       "%u items are not on this computer and were left out.", n),
                          n);
}
