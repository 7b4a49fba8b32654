/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/control.h"

#include <string.h>

#include "net/core/path.h"
#include "net/core/wire_json_writer.h"

#define NAME_MAX_LEN (sizeof ((TransferControl *) NULL)->unsupported.request - 1)

static const char *const type_names[CONTROL_TYPE_COUNT] = {
  [CONTROL_OFFER] = "offer",
  [CONTROL_ACCEPT] = "accept",
  [CONTROL_DECLINE] = "decline",
  [CONTROL_FILE_REQUEST] = "file-request",
  [CONTROL_FILE_DONE] = "file-done",
  [CONTROL_VERIFIED] = "verified",
  [CONTROL_CHECKSUM_MISMATCH] = "checksum-mismatch",
  [CONTROL_ENTRY_FAILED] = "entry-failed",
  [CONTROL_PROGRESS] = "progress",
  [CONTROL_PAUSE] = "pause",
  [CONTROL_RESUME] = "resume",
  [CONTROL_CANCEL] = "cancel",
  [CONTROL_UNSUPPORTED] = "unsupported",
  [CONTROL_DONE] = "done",
};

static const char *const reason_names[CONTROL_REASON_COUNT] = {
  [CONTROL_REASON_OTHER] = "other",
  [CONTROL_REASON_PERSON] = "person",
  [CONTROL_REASON_POLICY] = "policy",
  [CONTROL_REASON_EXPIRED] = "expired",
  [CONTROL_REASON_BUSY] = "busy",
  [CONTROL_REASON_SHUTDOWN] = "shutdown",
  [CONTROL_REASON_NO_SPACE] = "no-space",
  [CONTROL_REASON_WRITE] = "write",
  [CONTROL_REASON_READ] = "read",
  [CONTROL_REASON_VANISHED] = "vanished",
  [CONTROL_REASON_CHANGED] = "changed",
  [CONTROL_REASON_NOT_REGULAR] = "not-regular",
  [CONTROL_REASON_NAME] = "name",
  [CONTROL_REASON_NAME_TOO_LONG] = "name-too-long",
  [CONTROL_REASON_PERMISSION] = "permission",
  [CONTROL_REASON_EXISTS] = "exists",
  [CONTROL_REASON_READ_ONLY] = "read-only",
  [CONTROL_REASON_TOO_LARGE] = "too-large",
  [CONTROL_REASON_IO] = "io",
  [CONTROL_REASON_CHECKSUM] = "checksum",
  [CONTROL_REASON_UNSUPPORTED] = "unsupported",
  [CONTROL_REASON_PROTOCOL] = "protocol",
};

G_DEFINE_QUARK (wherry-control-error-quark, control_error)

const char *
control_type_name (ControlType type)
{
  return type_names[type];
}

void
transfer_control_clear (TransferControl *control)
{
  if (control->type == CONTROL_ACCEPT)
    g_clear_pointer (&control->accept.resume, g_free);
  else if (control->type == CONTROL_VERIFIED)
    g_clear_pointer (&control->verified.entries, g_free);
  else if (control->type == CONTROL_DONE)
    {
      for (uint32_t i = 0; i < control->done.n_first_skipped; i++)
        g_free (control->done.first_skipped[i].path);
      control->done.n_first_skipped = 0;
      g_clear_pointer (&control->done.first_skipped, g_free);
    }
}

static void
encode_resume (WireJsonWriter *writer, const ControlResume *resume)
{
  wire_json_put_uint (writer, "entry_id", resume->entry_id);
  wire_json_put_uint (writer, "from", resume->from);
  if (resume->from > 0)
    wire_json_put_hex (writer, "blake3", resume->digest, CONTROL_DIGEST_LEN);
}

static void
encode_accept (WireJsonWriter *writer, const TransferControl *control)
{
  wire_json_put_bool (writer, "compress", control->accept.compress);
  wire_json_begin_array (writer, "resume");
  for (uint32_t i = 0; i < control->accept.n_resume; i++)
    {
      wire_json_begin_object (writer, NULL);
      encode_resume (writer, &control->accept.resume[i]);
      wire_json_end_object (writer);
    }
  wire_json_end_array (writer);
}

static void
encode_verified (WireJsonWriter *writer, const TransferControl *control)
{
  wire_json_begin_array (writer, "entries");
  for (uint32_t i = 0; i < control->verified.n_entries; i++)
    wire_json_put_uint (writer, NULL, control->verified.entries[i]);
  wire_json_end_array (writer);
}

static void
encode_done (WireJsonWriter *writer, const TransferControl *control)
{
  wire_json_put_uint (writer, "files", control->done.files);
  wire_json_put_uint (writer, "failed", control->done.failed);
  if (control->done.skipped == 0)
    return;
  wire_json_put_uint (writer, "skipped", control->done.skipped);
  wire_json_begin_array (writer, "first_skipped");
  for (uint32_t i = 0; i < control->done.n_first_skipped; i++)
    {
      const ControlSkipped *skipped = &control->done.first_skipped[i];
      wire_json_begin_object (writer, NULL);
      wire_json_put_string (writer, "path", skipped->path);
      wire_json_put_string (writer, "reason", reason_names[skipped->reason]);
      wire_json_end_object (writer);
    }
  wire_json_end_array (writer);
}

static void
encode_members (WireJsonWriter *writer, const TransferControl *control)
{
  switch (control->type)
    {
    case CONTROL_ACCEPT:
      encode_accept (writer, control);
      break;
    case CONTROL_DECLINE:
      wire_json_put_string (writer, "reason", reason_names[control->decline.reason]);
      break;
    case CONTROL_CANCEL:
      wire_json_put_string (writer, "reason", reason_names[control->cancel.reason]);
      break;
    case CONTROL_FILE_REQUEST:
      encode_resume (writer, &control->request);
      break;
    case CONTROL_FILE_DONE:
      wire_json_put_uint (writer, "entry_id", control->file_done.entry_id);
      wire_json_put_hex (writer, "blake3", control->file_done.digest, CONTROL_DIGEST_LEN);
      break;
    case CONTROL_VERIFIED:
      encode_verified (writer, control);
      break;
    case CONTROL_CHECKSUM_MISMATCH:
      wire_json_put_uint (writer, "entry_id", control->mismatch.entry_id);
      break;
    case CONTROL_ENTRY_FAILED:
      wire_json_put_uint (writer, "entry_id", control->failed.entry_id);
      wire_json_put_string (writer, "reason", reason_names[control->failed.reason]);
      break;
    case CONTROL_PROGRESS:
      wire_json_put_uint (writer, "bytes", control->progress.bytes);
      wire_json_put_uint (writer, "files", control->progress.files);
      break;
    case CONTROL_UNSUPPORTED:
      wire_json_put_string (writer, "request", control->unsupported.request);
      break;
    case CONTROL_DONE:
      encode_done (writer, control);
      break;
    case CONTROL_PAUSE:
    case CONTROL_RESUME:
    case CONTROL_OFFER:
    default:
      break;
    }
}

void
control_encode (const TransferControl *control, GString *json)
{
  g_return_if_fail (control->type != CONTROL_OFFER);
  WireJsonWriter writer;
  wire_json_writer_init (&writer, json);
  wire_json_begin_object (&writer, NULL);
  wire_json_put_string (&writer, "type", type_names[control->type]);
  encode_members (&writer, control);
  wire_json_end_object (&writer);
}

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
    if (strcmp (name, reason_names[i]) == 0)
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
    if (strcmp (name, type_names[i]) == 0)
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
