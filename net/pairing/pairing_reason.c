/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/pairing/pairing_reason.h"

#include <glib/gi18n-lib.h>

G_DEFINE_ENUM_TYPE (WherryPairingReason, wherry_pairing_reason,
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_WRONG_CODE, "wrong-code"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_EXPIRED, "expired"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_CANCELLED, "cancelled"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_DECLINED, "declined"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_TOO_MANY_ATTEMPTS, "too-many-attempts"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_UNREACHABLE, "unreachable"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_VERSION, "version"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_SELF, "self"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_BUSY, "busy"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_PROTOCOL, "protocol"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_STORAGE, "storage"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_NO_CODE, "no-code"),
                    G_DEFINE_ENUM_VALUE (PAIRING_REASON_DECLINED_HERE, "declined-here"))

static char *
wrong_code_sentence (bool hosting, int left)
{
  if (hosting)
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "Someone entered a wrong code. %d attempt is left.",
                     "Someone entered a wrong code. %d attempts are left.", left),
        left);
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "The code is not the one the other device shows. %d attempt is left.",
                   "The code is not the one the other device shows. %d attempts are left.", left),
      left);
}

char *
pairing_reason_sentence (PairingReason reason, bool hosting, int attempts_left)
{
  switch (reason)
    {
    case PAIRING_REASON_NONE:
      return NULL;
    case PAIRING_REASON_WRONG_CODE:
      return wrong_code_sentence (hosting, attempts_left);
    case PAIRING_REASON_EXPIRED:
      return g_strdup (
          hosting ? _ ("The code has expired. Show a new one to try again.")
                  : _ ("The code has expired. Show a new one on the other device and try again."));
    case PAIRING_REASON_NO_CODE:
      return g_strdup (_ (
          "The other device shows no pairing code. Show one there, and enter it while it is shown."));
    case PAIRING_REASON_CANCELLED:
      return g_strdup (_ ("Pairing was cancelled."));
    case PAIRING_REASON_DECLINED:
      return g_strdup (_ ("The other device declined to pair."));
    case PAIRING_REASON_DECLINED_HERE:
      return g_strdup (_ ("You declined to pair."));
    case PAIRING_REASON_TOO_MANY_ATTEMPTS:
      return g_strdup (_ ("Too many wrong codes were entered. Show a new code and try again."));
    case PAIRING_REASON_UNREACHABLE:
      return g_strdup (_ (
          "The other device cannot be reached. Check that both are on the same network and that Wherry is open there."));
    case PAIRING_REASON_VERSION:
      return g_strdup (_ (
          "The other device runs a version of Wherry that pairs differently. Update both and try again."));
    case PAIRING_REASON_SELF:
      return g_strdup (
          _ ("That is this device's own code. Enter the code that the other device shows."));
    case PAIRING_REASON_BUSY:
      return g_strdup (_ ("The other device is busy at this moment. Wait a little and try again."));
    case PAIRING_REASON_PROTOCOL:
      return g_strdup (_ (
          "The other device sent something that is not understood. Update Wherry on both devices and try again."));
    case PAIRING_REASON_STORAGE:
      return g_strdup (_ (
          "The pairing could not be saved. Check the free space on both devices and try again."));
    default:
      g_return_val_if_reached (NULL);
    }
}
