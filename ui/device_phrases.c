/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/device_phrases.h"

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
