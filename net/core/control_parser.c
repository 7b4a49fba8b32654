/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/control_private.h"

#include <string.h>

#include "net/core/path.h"
#include "net/core/wire_json.h"

#define NAME_MAX_LEN (sizeof ((TransferControl *) NULL)->unsupported.request - 1)

static bool
get_entry_id (const WireJsonNode *node, uint32_t *entry_id, GError **error)
{
  return wire_json_get_uint32 (node, "entry_id", OFFER_ENTRIES_MAX - 1, entry_id, error);
}

static bool
get_reason (const WireJsonNode *node, ControlReason *reason, GError **error)
{
  const char *name;
  if (!wire_json_get_string (node, "reason", NAME_MAX_LEN, &name, error))
    return false;
  *reason = CONTROL_REASON_OTHER;
  for (int i = 0; i < CONTROL_REASON_COUNT; i++)
    if (strcmp (name, control_reason_names[i]) == 0)
      *reason = i;
  return true;
}

static bool
get_resume (const WireJsonNode *node, ControlResume *resume, GError **error)
{
  return get_entry_id (node, &resume->entry_id, error) &&
         wire_json_get_uint (node, "from", OFFER_BYTES_MAX, &resume->from, error) &&
         (resume->from == 0 ||
          wire_json_get_hex (node, "blake3", resume->digest, CONTROL_DIGEST_LEN, error));
}

/* Allocates first and fills on: what is owned is freed by the caller on failure. */
static bool
parse_accept (TransferControl *control, const WireJsonNode *node, GError **error)
{
  const WireJsonNode *list;
  if (!wire_json_get_bool (node, "compress", &control->accept.compress, error) ||
      !wire_json_get_array (node, "resume", CONTROL_RESUME_MAX, &list, error))
    return false;
  control->accept.resume = g_new0 (ControlResume, wire_json_count (list));
  for (const WireJsonNode *n = wire_json_first (list); n; n = wire_json_next (list, n))
    if (!get_resume (n, &control->accept.resume[control->accept.n_resume++], error))
      return false;
  return true;
}

static bool
parse_verified (TransferControl *control, const WireJsonNode *node, GError **error)
{
  const WireJsonNode *list;
  if (!wire_json_get_array (node, "entries", CONTROL_VERIFIED_MAX, &list, error))
    return false;
  control->verified.entries = g_new0 (uint32_t, wire_json_count (list));
  for (const WireJsonNode *n = wire_json_first (list); n; n = wire_json_next (list, n))
    {
      uint64_t entry_id;
      if (!wire_json_as_uint (n, "entries", OFFER_ENTRIES_MAX - 1, &entry_id, error))
        return false;
      control->verified.entries[control->verified.n_entries++] = entry_id;
    }
  return true;
}

static bool
is_type_name (const char *name)
{
  return *name != '\0' && name[strspn (name, "abcdefghijklmnopqrstuvwxyz-")] == '\0';
}

static bool
parse_unsupported (TransferControl *control, const WireJsonNode *node, GError **error)
{
  const char *name;
  if (!wire_json_get_string (node, "request", NAME_MAX_LEN, &name, error))
    return false;
  if (!is_type_name (name))
    {
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_INVALID,
                   "The field “request” is not the name of a message.");
      return false;
    }
  g_strlcpy (control->unsupported.request, name, sizeof control->unsupported.request);
  return true;
}

static bool
parse_offer (TransferControl *control, Offer *offer, const WireJsonNode *node, GError **error)
{
  if (!offer)
    {
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                   "The other device sent an offer where none was expected.");
      return false;
    }
  if (!offer_take_frame (offer, node, error))
    return false;
  control->offer.last = offer_is_complete (offer);
  return true;
}

static bool
get_skipped (const WireJsonNode *node, ControlSkipped *skipped, GError **error)
{
  const char *path;
  if (!wire_json_get_string (node, "path", PATH_MAX_BYTES, &path, error) ||
      !get_reason (node, &skipped->reason, error))
    return false;
  if (!path_check_entry (path, NULL))
    {
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_INVALID,
                   "The path of what was skipped is not allowed.");
      return false;
    }
  skipped->path = g_strdup (path);
  return true;
}

static bool
parse_done (TransferControl *control, const WireJsonNode *node, GError **error)
{
  const WireJsonNode *list;
  if (!wire_json_get_uint32 (node, "files", OFFER_ENTRIES_MAX, &control->done.files, error) ||
      !wire_json_get_uint32 (node, "failed", OFFER_ENTRIES_MAX, &control->done.failed, error))
    return false;
  if (!wire_json_has (node, "skipped"))
    return true;
  if (!wire_json_get_uint32 (node, "skipped", UINT32_MAX, &control->done.skipped, error) ||
      !wire_json_get_array (node, "first_skipped", CONTROL_SKIPPED_MAX, &list, error))
    return false;
  control->done.first_skipped = g_new0 (ControlSkipped, wire_json_count (list));
  for (const WireJsonNode *n = wire_json_first (list); n; n = wire_json_next (list, n))
    if (!get_skipped (n, &control->done.first_skipped[control->done.n_first_skipped++], error))
      return false;
  return true;
}

static bool
parse_members (TransferControl *control, Offer *offer, const WireJsonNode *node, GError **error)
{
  switch (control->type)
    {
    case CONTROL_OFFER:
      return parse_offer (control, offer, node, error);
    case CONTROL_ACCEPT:
      return parse_accept (control, node, error);
    case CONTROL_DECLINE:
      return get_reason (node, &control->decline.reason, error);
    case CONTROL_CANCEL:
      return get_reason (node, &control->cancel.reason, error);
    case CONTROL_FILE_REQUEST:
      return get_resume (node, &control->request, error);
    case CONTROL_FILE_DONE:
      return get_entry_id (node, &control->file_done.entry_id, error) &&
             wire_json_get_hex (node, "blake3", control->file_done.digest, CONTROL_DIGEST_LEN,
                                error);
    case CONTROL_VERIFIED:
      return parse_verified (control, node, error);
    case CONTROL_CHECKSUM_MISMATCH:
      return get_entry_id (node, &control->mismatch.entry_id, error);
    case CONTROL_ENTRY_FAILED:
      return get_entry_id (node, &control->failed.entry_id, error) &&
             get_reason (node, &control->failed.reason, error);
    case CONTROL_PROGRESS:
      return wire_json_get_uint (node, "bytes", OFFER_BYTES_MAX, &control->progress.bytes, error) &&
             wire_json_get_uint (node, "files", OFFER_ENTRIES_MAX, &control->progress.files, error);
    case CONTROL_UNSUPPORTED:
      return parse_unsupported (control, node, error);
    case CONTROL_DONE:
      return parse_done (control, node, error);
    case CONTROL_PAUSE:
    case CONTROL_RESUME:
    default:
      return true;
    }
}

static bool
parse_type (ControlType *type, const WireJsonNode *node, TransferControl *unknown, GError **error)
{
  const char *name;
  if (!wire_json_get_string (node, "type", NAME_MAX_LEN, &name, error))
    return false;
  *type = CONTROL_OFFER;
  if (strcmp (name, "offer-entries") == 0)
    return true;
  for (int i = 0; i < CONTROL_TYPE_COUNT; i++)
    if (strcmp (name, control_type_names[i]) == 0)
      {
        *type = i;
        return true;
      }
  if (!is_type_name (name))
    {
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_INVALID,
                   "The field “type” is not the name of a message.");
      return false;
    }
  g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNKNOWN_TYPE,
               "This version does not know the transfer message “%s”.", name);
  if (unknown)
    {
      *unknown = (TransferControl) { .type = CONTROL_UNSUPPORTED };
      g_strlcpy (unknown->unsupported.request, name, sizeof unknown->unsupported.request);
    }
  return false;
}

bool
control_parse (TransferControl *control, Offer *offer, const uint8_t *json, size_t len,
               TransferControl *unknown, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (WireJson) document = wire_json_parse (json, len, &why);
  g_auto (TransferControl) parsed = { 0 };
  if (document && parse_type (&parsed.type, wire_json_root (document), unknown, &why) &&
      parse_members (&parsed, offer, wire_json_root (document), &why))
    {
      *control = parsed;
      parsed = (TransferControl) { 0 };
      return true;
    }
  if (why->domain == WIRE_JSON_ERROR)
    g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_INVALID,
                 "The other device sent a transfer message that cannot be read: %s", why->message);
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return false;
}
