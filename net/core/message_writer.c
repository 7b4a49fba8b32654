/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/message_private.h"

#include <string.h>

#include "net/core/wire_json_writer.h"

static void
put_device (WireJsonWriter *writer, const DeviceInfo *device)
{
  wire_json_begin_object (writer, "device");
  wire_json_put_string (writer, "device_id", device->device_id);
  wire_json_put_string (writer, "name", device->name);
  wire_json_put_string (writer, "type", device_type_name (device->type));
  wire_json_put_hex (writer, "node_id", device->node_id.bytes, NODE_ID_LEN);
  wire_json_put_string (writer, "version", device->version);
  wire_json_end_object (writer);
}

static void
put_clock (WireJsonWriter *writer, const char *name, const MessageClock *clock)
{
  wire_json_begin_object (writer, name);
  wire_json_put_uint (writer, "time", clock->time_ms);
  wire_json_put_uint (writer, "count", clock->count);
  wire_json_put_hex (writer, "node", clock->node.bytes, NODE_ID_LEN);
  wire_json_end_object (writer);
}

static void
put_library (WireJsonWriter *writer, const MessageLibrary *library)
{
  wire_json_begin_object (writer, NULL);
  wire_json_put_string (writer, "library_id", library->id.text);
  wire_json_put_string (writer, "name", library->name);
  wire_json_put_uint (writer, "files", library->files);
  wire_json_put_uint (writer, "bytes", library->bytes);
  wire_json_end_object (writer);
}

static void
put_entry (WireJsonWriter *writer, const MessageEntry *entry)
{
  wire_json_begin_object (writer, NULL);
  wire_json_put_string (writer, "entry_id", entry->id.text);
  put_clock (writer, "at", &entry->at);
  wire_json_put_string (writer, "path", entry->path);
  wire_json_put_bool (writer, "removed", entry->removed);
  if (!entry->removed)
    {
      wire_json_put_uint (writer, "size", entry->size);
      wire_json_put_int (writer, "mtime", entry->mtime);
      wire_json_put_hex (writer, "blake3", entry->digest, MESSAGE_DIGEST_LEN);
    }
  wire_json_end_object (writer);
}

static void
put_libraries (WireJsonWriter *writer, const Message *message)
{
  wire_json_begin_array (writer, "libraries");
  for (uint32_t i = 0; i < message->announce.n_libraries; i++)
    put_library (writer, &message->announce.libraries[i]);
  wire_json_end_array (writer);
}

static void
put_changes (WireJsonWriter *writer, const Message *message)
{
  wire_json_put_string (writer, "library_id", message->changes.library.text);
  wire_json_begin_array (writer, "entries");
  for (uint32_t i = 0; i < message->changes.n_entries; i++)
    put_entry (writer, &message->changes.entries[i]);
  wire_json_end_array (writer);
  wire_json_put_bool (writer, "more", message->changes.more);
}

static void
put_answer (WireJsonWriter *writer, const Message *message)
{
  wire_json_put_bool (writer, "found", message->answer.found);
  if (message->answer.found)
    wire_json_put_hex (writer, "transfer_id", message->answer.transfer.bytes, TRANSFER_ID_LEN);
}

static void
put_members (WireJsonWriter *writer, const Message *message)
{
  switch (message->type)
    {
    case MESSAGE_PING:
    case MESSAGE_PONG:
    case MESSAGE_ACK:
    case MESSAGE_UNPAIRED:
      break;
    case MESSAGE_DEVICE_INFO:
      put_device (writer, &message->device);
      break;
    case MESSAGE_TEXT_SHARE:
      wire_json_put_string (writer, "text", message->text);
      break;
    case MESSAGE_LIBRARY_ANNOUNCE:
      put_libraries (writer, message);
      break;
    case MESSAGE_LIBRARY_REQUEST:
      wire_json_put_string (writer, "library_id", message->request.library.text);
      break;
    case MESSAGE_SYNC_REQUEST:
      wire_json_put_string (writer, "library_id", message->sync.library.text);
      put_clock (writer, "after", &message->sync.after);
      break;
    case MESSAGE_SYNC_RESPONSE:
      put_changes (writer, message);
      break;
    case MESSAGE_FILE_REQUEST:
      wire_json_put_string (writer, "library_id", message->file.library.text);
      wire_json_put_string (writer, "entry_id", message->file.entry.text);
      break;
    case MESSAGE_FILE_RESPONSE:
      put_answer (writer, message);
      break;
    default:
      g_assert_not_reached ();
    }
}

static bool
check_text (const char *text, GError **error)
{
  if (strlen (text) > MESSAGE_TEXT_MAX)
    g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                 "The text is longer than %d KiB. Send it as a file.", MESSAGE_TEXT_MAX / 1024);
  else if (!g_utf8_validate (text, -1, NULL))
    g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                 "The text is not valid UTF-8. Send it as a file.");
  else
    return true;
  return false;
}

bool
message_encode (const Message *message, GString *json, GError **error)
{
  size_t before = json->len;
  if (message->type == MESSAGE_TEXT_SHARE && !check_text (message->text, error))
    return false;
  WireJsonWriter writer;
  wire_json_writer_init (&writer, json);
  wire_json_begin_object (&writer, NULL);
  wire_json_put_string (&writer, "type", message_type_names[message->type]);
  wire_json_put_hex (&writer, "id", message->id.bytes, MESSAGE_ID_LEN);
  put_members (&writer, message);
  wire_json_end_object (&writer);
  if (json->len - before <= MESSAGE_SIZE_MAX)
    return true;
  g_string_truncate (json, before);
  g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID, "the message is longer than %d bytes",
               MESSAGE_SIZE_MAX);
  return false;
}
