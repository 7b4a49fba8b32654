/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/peer/sentences.h"

#include <glib/gi18n-lib.h>

#include "net/core/invite.h"
#include "net/core/words.h"
#include "net/quic/quic_error.h"
#include "net/store/keyring.h"
#include "net/store/private_file.h"
#include "net/store/secrets.h"
#include "net/store/state_document.h"

static char *
words_sentence (const GError *error)
{
  const WordsErrorPrivate *data = words_error_get_data (error);
  switch ((WordsError) error->code)
    {
    case WORDS_ERROR_COUNT:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                           "The code has three words, but %d was entered.",
                                           "The code has three words, but %d were entered.",
                                           (unsigned long) data->n_words),
                              data->n_words);
    case WORDS_ERROR_UNKNOWN:
      if (data->suggestion)
        return g_strdup_printf (_ ("“%s” is not one of the code words. Did you mean “%s”?"),
                                data->word, data->suggestion);
      return g_strdup_printf (
          _ ("“%s” is not one of the code words. Compare it with the other screen."), data->word);
    default:
      g_return_val_if_reached (NULL);
    }
}

static char *
invite_sentence (const GError *error)
{
  switch ((InviteError) error->code)
    {
    case INVITE_ERROR_NOT_LINK:
      return g_strdup (_ ("This is not a pairing link. One starts with wherry://pair?"));
    case INVITE_ERROR_VERSION:
      return g_strdup (_ ("This pairing link was made by another version of Wherry. Install the "
                          "same version on both devices."));
    case INVITE_ERROR_INVALID:
      return g_strdup (_ ("This pairing link is damaged or not complete. Copy it again, whole."));
    default:
      g_return_val_if_reached (NULL);
    }
}

static char *
secrets_sentence (const GError *error)
{
  const SecretsErrorPrivate *data = secrets_error_get_data (error);
  switch ((SecretsError) error->code)
    {
    case SECRETS_ERROR_UNAVAILABLE:
      return g_strdup (_ ("The key of this device is in the keyring, which is locked or does not "
                          "answer. Unlock it and try again."));
    case SECRETS_ERROR_DAMAGED:
      if (!data->file)
        return g_strdup_printf (
            _ ("The key of this device in the keyring does not belong to “%s” or is damaged. "
               "Restore both from the same backup, or begin anew as a new device: move that "
               "folder away."),
            data->folder);
      return g_strdup_printf (
          _ ("“%s” in “%s” is damaged, or no key that Wherry made. Restore it from a backup, or "
             "move that folder away to begin anew as a new device."),
          data->file, data->folder);
    case SECRETS_ERROR_MISSING:
      if (!data->file)
        return g_strdup_printf (
            _ ("The key of this device is not in the keyring any more. Restore the keyring from a "
               "backup, or begin anew as a new device: move “%s” away."),
            data->folder);
      return g_strdup_printf (
          _ ("The key of this device, “%s” in “%s”, is missing, although other devices are paired "
             "with it. Restore it from a backup, or move that folder away to begin anew as a new "
             "device."),
          data->file, data->folder);
    default:
      g_return_val_if_reached (NULL);
    }
}

static char *
state_sentence (const GError *error)
{
  const StateErrorPrivate *data = state_error_get_data (error);
  switch ((StateError) error->code)
    {
    case STATE_ERROR_NEWER:
      return g_strdup (_ ("The list of devices was written by a later version of Wherry. Update "
                          "Wherry, or choose another data folder."));
    case STATE_ERROR_CORRUPT:
      if (!data->file)
        return g_strdup (error->message);
      return g_strdup_printf (
          _ ("The list of paired devices was damaged. It was kept as “%s” in “%s”, and a new one "
             "was begun: pair your devices again, or quit and put back a good copy."),
          data->file, data->folder);
    case STATE_ERROR_FULL:
      return g_strdup (
          _ ("No more devices can be remembered. Unpair those that you no longer use."));
    case STATE_ERROR_SECRETS:
      return g_strdup_printf (_ ("The secrets shared with %s are missing or damaged. Pair again, "
                                 "or restore “%s” from a backup."),
                              data->names, data->folder);
    default:
      g_return_val_if_reached (NULL);
    }
}

static char *
data_dir_sentence (const GError *error)
{
  switch ((DataDirError) error->code)
    {
    case DATA_DIR_ERROR_LOCKED:
      return g_strdup (_ ("Another program of Wherry runs as this device. Use it, or end it and "
                          "try again."));
    case DATA_DIR_ERROR_UNSAFE:
      return g_strdup (_ ("The data folder belongs to another user. Choose one of your own."));
    default:
      g_return_val_if_reached (NULL);
    }
}

static char *
keyring_sentence (const GError *error)
{
  switch ((KeyringError) error->code)
    {
    case KEYRING_ERROR_LOCKED:
      return g_strdup (_ ("The keyring is locked. Unlock it and try again."));
    case KEYRING_ERROR_UNAVAILABLE:
      return g_strdup (_ ("The keyring cannot be used or does not answer. Unlock it and try "
                          "again."));
    default:
      g_return_val_if_reached (NULL);
    }
}

/* Of net/store all files are in the data folder; which one, the log says. */
static char *
file_sentence (const GError *error)
{
  switch (error->code)
    {
    case G_FILE_ERROR_NOSPC:
      return g_strdup (_ ("There is no space left in the data folder. Free some space and try "
                          "again."));
    case G_FILE_ERROR_ACCES:
    case G_FILE_ERROR_PERM:
    case G_FILE_ERROR_ROFS:
      return g_strdup (_ ("The data folder cannot be read and written. Mend its permissions, or "
                          "choose another data folder."));
    default:
      return g_strdup (_ ("The data folder cannot be used. Check that it is a folder and that its "
                          "disk is in order, or choose another data folder."));
    }
}

char *
sentence_for_error (const GError *error)
{
  if (error->domain == DATA_DIR_ERROR)
    return data_dir_sentence (error);
  if (error->domain == KEYRING_ERROR)
    return keyring_sentence (error);
  if (error->domain == PRIVATE_FILE_ERROR)
    return g_strdup_printf (
        _ ("“%s” in the data folder was not written by Wherry: it is too long, a link, no plain "
           "file, or another user's. Restore the folder from a backup, or move it away to begin "
           "anew as a new device."),
        private_file_error_get_name (error) ?: "?");
  if (error->domain == G_FILE_ERROR)
    return file_sentence (error);
  if (error->domain == WORDS_ERROR)
    return words_sentence (error);
  if (error->domain == INVITE_ERROR)
    return invite_sentence (error);
  if (error->domain == SECRETS_ERROR)
    return secrets_sentence (error);
  if (error->domain == STATE_ERROR)
    return state_sentence (error);
  if (g_error_matches (error, QUIC_ERROR, QUIC_ERROR_SOCKET))
    return g_strdup (_ ("The network port of Wherry cannot be opened. Choose another port, or end "
                        "the program that uses it."));
  if (g_error_matches (error, QUIC_ERROR, QUIC_ERROR_LIMIT))
    return g_strdup (_ ("Too many files or connections are open. Close other programs and try "
                        "again."));
  return g_strdup (error->message);
}

void
error_take_sentence (GError *error)
{
  char *sentence = sentence_for_error (error);
  g_free (error->message);
  error->message = sentence;
}

char *
sentence_for_unsaved (const GError *error)
{
  if (error->domain == STATE_ERROR)
    return state_sentence (error);
  return g_strdup (_ ("What you changed could not be saved. Free some space, or check the "
                      "permissions of the data folder."));
}
