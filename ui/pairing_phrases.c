/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/pairing_phrases.h"

#include <glib/gi18n-lib.h>

char *
countdown_phrase (int seconds)
{
  return g_strdup_printf ("%d:%02d", seconds / 60, seconds % 60);
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
