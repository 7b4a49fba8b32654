/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/message_private.h"

#include <string.h>

#include "net/core/offer.h"
#include "net/core/path.h"
#include "net/core/wire_json.h"

#define TYPE_NAME_MAX 64 /* bytes */

static bool
wrong (const char *name, GError **error)
{
  g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID, "“%s” is not valid", name);
  return false;
}

static bool
get_uuid (const WireJsonNode *node, const char *name, MessageUuid *uuid, GError **error)
{
  const char *text;
  if (!wire_json_get_string (node, name, DEVICE_ID_LEN, &text, error))
    return false;
  if (!device_id_is_valid (text))
    return wrong (name, error);
  g_strlcpy (uuid->text, text, sizeof uuid->text);
  return true;
}

/* A name is made fit, as that of an announcement. */
static bool
get_name (const WireJsonNode *node, char name[static DEVICE_NAME_MAX + 1], GError **error)
{
  const char *text;
  if (!wire_json_get_string (node, "name", DEVICE_NAME_MAX, &text, error))
    return false;
  device_name_sanitize (name, text, -1);
  return true;
}

static bool
get_clock (const WireJsonNode *node, const char *name, MessageClock *clock, GError **error)
{
  const WireJsonNode *object;
  return wire_json_get_object (node, name, &object, error) &&
         wire_json_get_uint (object, "time", INT64_MAX, &clock->time_ms, error) &&
         wire_json_get_uint32 (object, "count", UINT32_MAX, &clock->count, error) &&
         wire_json_get_hex (object, "node", clock->node.bytes, NODE_ID_LEN, error);
}

static bool
parse_device (Message *message, const WireJsonNode *node, GError **error)
{
  DeviceInfo *device = &message->device;
  const WireJsonNode *object;
  MessageUuid device_id;
  const char *type, *version;
  if (!wire_json_get_object (node, "device", &object, error) ||
      !get_uuid (object, "device_id", &device_id, error) ||
      !get_name (object, device->name, error) ||
      !wire_json_get_string (object, "type", TYPE_NAME_MAX, &type, error) ||
      !wire_json_get_hex (object, "node_id", device->node_id.bytes, NODE_ID_LEN, error) ||
      !wire_json_get_string (object, "version", DEVICE_VERSION_MAX, &version, error))
    return false;
  if (!device_type_parse (&device->type, type))
    return wrong ("type", error);
  if (!device_version_is_valid (version))
    return wrong ("version", error);
  g_strlcpy (device->device_id, device_id.text, sizeof device->device_id);
  g_strlcpy (device->version, version, sizeof device->version);
  return true;
}

static bool
parse_text (Message *message, const WireJsonNode *node, GError **error)
{
  const char *text;
  if (!wire_json_get_string (node, "text", MESSAGE_TEXT_MAX, &text, error))
    return false;
  message->text = g_strdup (text);
  return true;
}

/* Allocates first and fills on: what is owned is freed by the caller on failure. */
static bool
parse_announce (Message *message, const WireJsonNode *node, GError **error)
{
  const WireJsonNode *list;
  if (!wire_json_get_array (node, "libraries", MESSAGE_LIBRARIES_MAX, &list, error))
    return false;
  message->announce.libraries = g_new0 (MessageLibrary, wire_json_count (list));
  for (const WireJsonNode *n = wire_json_first (list); n; n = wire_json_next (list, n))
    {
      MessageLibrary *library = &message->announce.libraries[message->announce.n_libraries++];
      if (!get_uuid (n, "library_id", &library->id, error) || !get_name (n, library->name, error) ||
          !wire_json_get_uint (n, "files", UINT32_MAX, &library->files, error) ||
          !wire_json_get_uint (n, "bytes", OFFER_BYTES_MAX, &library->bytes, error))
        return false;
    }
  return true;
}

static bool
get_entry (const WireJsonNode *node, MessageEntry *entry, GError **error)
{
  const char *path;
  if (!get_uuid (node, "entry_id", &entry->id, error) ||
      !get_clock (node, "at", &entry->at, error) ||
      !wire_json_get_string (node, "path", PATH_MAX_BYTES, &path, error) ||
      !path_check_entry (path, error) ||
      !wire_json_get_bool (node, "removed", &entry->removed, error))
    return false;
  entry->path = g_strdup (path);
  return entry->removed ||
         (wire_json_get_uint (node, "size", OFFER_BYTES_MAX, &entry->size, error) &&
          wire_json_get_int (node, "mtime", &entry->mtime, error) &&
          wire_json_get_hex (node, "blake3", entry->digest, MESSAGE_DIGEST_LEN, error));
}

static bool
parse_changes (Message *message, const WireJsonNode *node, GError **error)
{
  const WireJsonNode *list;
  if (!get_uuid (node, "library_id", &message->changes.library, error) ||
      !wire_json_get_bool (node, "more", &message->changes.more, error) ||
      !wire_json_get_array (node, "entries", MESSAGE_ENTRIES_MAX, &list, error))
    return false;
  message->changes.entries = g_new0 (MessageEntry, wire_json_count (list));
  for (const WireJsonNode *n = wire_json_first (list); n; n = wire_json_next (list, n))
    if (!get_entry (n, &message->changes.entries[message->changes.n_entries++], error))
      return false;
  return true;
}

static bool
parse_answer (Message *message, const WireJsonNode *node, GError **error)
{
  return wire_json_get_bool (node, "found", &message->answer.found, error) &&
         (!message->answer.found ||
          wire_json_get_hex (node, "transfer_id", message->answer.transfer.bytes, TRANSFER_ID_LEN,
                             error));
}

static bool
parse_members (Message *message, const WireJsonNode *node, GError **error)
{
  switch (message->type)
    {
    case MESSAGE_PING:
    case MESSAGE_PONG:
    case MESSAGE_ACK:
    case MESSAGE_UNPAIRED:
      return true;
    case MESSAGE_DEVICE_INFO:
      return parse_device (message, node, error);
    case MESSAGE_TEXT_SHARE:
      return parse_text (message, node, error);
    case MESSAGE_LIBRARY_ANNOUNCE:
      return parse_announce (message, node, error);
    case MESSAGE_LIBRARY_REQUEST:
      return get_uuid (node, "library_id", &message->request.library, error);
    case MESSAGE_SYNC_REQUEST:
      return get_uuid (node, "library_id", &message->sync.library, error) &&
             get_clock (node, "after", &message->sync.after, error);
    case MESSAGE_SYNC_RESPONSE:
      return parse_changes (message, node, error);
    case MESSAGE_FILE_REQUEST:
      return get_uuid (node, "library_id", &message->file.library, error) &&
             get_uuid (node, "entry_id", &message->file.entry, error);
    case MESSAGE_FILE_RESPONSE:
      return parse_answer (message, node, error);
    default:
      g_assert_not_reached ();
    }
}

static bool
parse_type (MessageType *type, const WireJsonNode *object, GError **error)
{
  const char *name;
  if (!wire_json_get_string (object, "type", TYPE_NAME_MAX, &name, error))
    return false;
  for (int i = 0; i < MESSAGE_TYPE_COUNT; i++)
    if (strcmp (name, message_type_names[i]) == 0)
      {
        *type = i;
        return true;
      }
  g_autofree char *shown = g_strescape (name, NULL);
  g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE,
               "This version does not know messages of the type “%s”.", shown);
  return false;
}

static bool
parse_document (Message *message, const uint8_t *json, size_t len, GError **error)
{
  if (len > MESSAGE_SIZE_MAX)
    {
      g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID, "it is larger than %d bytes",
                   MESSAGE_SIZE_MAX);
      return false;
    }
  g_autoptr (WireJson) document = wire_json_parse (json, len, error);
  if (!document)
    return false;
  const WireJsonNode *root = wire_json_root (document);
  return parse_type (&message->type, root, error) &&
         wire_json_get_hex (root, "id", message->id.bytes, MESSAGE_ID_LEN, error) &&
         parse_members (message, root, error);
}

bool
message_parse (Message *message, const uint8_t *json, size_t len, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_auto (Message) parsed = { 0 };
  if (parse_document (&parsed, json, len, &why))
    {
      *message = parsed;
      parsed = (Message) { 0 };
      return true;
    }
  if (g_error_matches (why, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE))
    g_propagate_error (error, g_steal_pointer (&why));
  else
    g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                 "The other device sent a message that cannot be read: %s", why->message);
  return false;
}
