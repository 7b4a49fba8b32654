/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/control_private.h"
#include "net/core/wire_json_writer.h"

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
      wire_json_put_string (writer, "reason", control_reason_names[skipped->reason]);
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
      wire_json_put_string (writer, "reason", control_reason_names[control->decline.reason]);
      break;
    case CONTROL_CANCEL:
      wire_json_put_string (writer, "reason", control_reason_names[control->cancel.reason]);
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
      wire_json_put_string (writer, "reason", control_reason_names[control->failed.reason]);
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
  wire_json_put_string (&writer, "type", control_type_names[control->type]);
  encode_members (&writer, control);
  wire_json_end_object (&writer);
}
