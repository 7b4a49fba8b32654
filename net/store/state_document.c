/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "net/store/state_document.h"

#include <string.h>

#include "net/socket_address.h"

static void
state_error_private_init (StateErrorPrivate *data)
{
}

static void
state_error_private_copy (const StateErrorPrivate *from, StateErrorPrivate *to)
{
  to->folder = g_strdup (from->folder);
  to->file = g_strdup (from->file);
  to->names = g_strdup (from->names);
}

static void
state_error_private_clear (StateErrorPrivate *data)
{
  g_free (data->folder);
  g_free (data->file);
  g_free (data->names);
}

G_DEFINE_EXTENDED_ERROR (StateError, state_error)

StateErrorPrivate *
state_error_get_data (const GError *error)
{
  return state_error_get_private (error);
}

static bool
corrupt (const char *what, GError **error)
{
  g_set_error (error, STATE_ERROR, STATE_ERROR_CORRUPT, "%s is missing or wrong", what);
  return false;
}

static bool
get_string (JsonObject *object, const char *name, const char **value)
{
  JsonNode *node = json_object_get_member (object, name);
  if (!node || json_node_get_value_type (node) != G_TYPE_STRING)
    return false;
  *value = json_node_get_string (node);
  return true;
}

static bool
get_int (JsonObject *object, const char *name, int64_t *value)
{
  JsonNode *node = json_object_get_member (object, name);
  if (!node || json_node_get_value_type (node) != G_TYPE_INT64)
    return false;
  *value = json_node_get_int (node);
  return true;
}

static bool
get_object (JsonObject *object, const char *name, JsonObject **value)
{
  JsonNode *node = json_object_get_member (object, name);
  *value = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  return *value;
}

/* A list that is not there is an empty one. */
static bool
get_array (JsonObject *object, const char *name, guint max, JsonArray **value)
{
  JsonNode *node = json_object_get_member (object, name);
  *value = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  return !node || (*value && json_array_get_length (*value) <= max);
}

static const char *
get_element_string (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);
  return json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static bool
parse_device (DeviceInfo *device, JsonObject *json)
{
  const char *device_id, *name, *type;
  if (!get_string (json, "device_id", &device_id) || !device_id_is_valid (device_id) ||
      !get_string (json, "name", &name) || !get_string (json, "type", &type))
    return false;
  g_strlcpy (device->device_id, device_id, sizeof device->device_id);
  device_name_sanitize (device->name, name, -1);
  /* A kind of device that only a later version knows is drawn as a desktop. */
  if (!device_type_parse (&device->type, type))
    device->type = DEVICE_DESKTOP;
  return true;
}

static bool
parse_addresses (PairedDevice *paired, JsonObject *json)
{
  JsonArray *array;
  if (!get_array (json, "addresses", STATE_ADDRESSES_MAX, &array))
    return false;
  for (guint i = 0; array && i < json_array_get_length (array); i++)
    {
      const char *text = get_element_string (array, i);
      GInetSocketAddress *address =
          text ? socket_address_from_text (text, ADDRESS_TEXT_SCOPED) : NULL;
      if (!address)
        return false;
      g_ptr_array_add (paired->addresses, address);
    }
  return true;
}

static PairedDevice *
parse_paired (JsonNode *node)
{
  g_autoptr (PairedDevice) paired = NULL;
  DeviceInfo info = { 0 };
  JsonObject *json = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *id, *version;
  if (!json || !parse_device (&info, json) || !get_string (json, "node_id", &id) ||
      !node_id_parse (&info.node_id, id))
    return NULL;
  if (get_string (json, "version", &version) && device_version_is_valid (version))
    g_strlcpy (info.version, version, sizeof info.version);

  paired = paired_device_new (&info);
  if (!parse_addresses (paired, json) || !get_int (json, "last_seen", &paired->last_seen))
    return NULL;
  json_object_unref (paired->rest);
  paired->rest = json_object_ref (json);
  return g_steal_pointer (&paired);
}

static bool
parse_all_paired (StateDocument *document, JsonObject *json, GError **error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (node_id_hash, node_id_equal_cb);
  JsonArray *array;
  if (!get_array (json, "paired", STATE_PAIRED_MAX, &array))
    return corrupt ("the list of paired devices", error);
  for (guint i = 0; array && i < json_array_get_length (array); i++)
    {
      PairedDevice *paired = parse_paired (json_array_get_element (array, i));
      g_autofree char *what = g_strdup_printf ("paired device %u", i + 1);
      if (!paired)
        return corrupt (what, error);
      g_ptr_array_add (document->paired, paired);
      if (!g_hash_table_add (ids, &paired->info.node_id))
        return corrupt (what, error);
    }
  return true;
}

static bool
parse_our_device (StateDocument *document, JsonObject *json, GError **error)
{
  JsonObject *device;
  if (!get_object (json, "device", &device) || !parse_device (&document->device, device))
    return corrupt ("this device", error);
  JsonNode *visible = json_object_get_member (device, "visible");
  if (!visible || json_node_get_value_type (visible) != G_TYPE_BOOLEAN)
    return corrupt ("the visibility of this device", error);
  document->visible = json_node_get_boolean (visible);
  json_object_unref (document->device_rest);
  document->device_rest = json_object_ref (device);
  return true;
}

/* What cannot be used is as good as not there: a setting does not cost the pairings. */
static void
parse_receive_dir (StateDocument *document, JsonObject *json)
{
  const char *uri;
  if (get_string (json, "receive_dir", &uri) && g_str_has_prefix (uri, "file:///") &&
      g_uri_is_valid (uri, G_URI_FLAGS_ENCODED, NULL))
    document->receive_dir = g_strdup (uri);
}

static bool
check_version (JsonObject *json, GError **error)
{
  int64_t version;
  if (!get_int (json, "version", &version) || version < 1)
    return corrupt ("the version of the format", error);
  if (version == STATE_DOCUMENT_VERSION)
    return true;
  g_set_error (error, STATE_ERROR, STATE_ERROR_NEWER,
               "it has format %" G_GINT64_FORMAT ", and this version of Wherry knows only %d",
               version, STATE_DOCUMENT_VERSION);
  return false;
}

StateDocument *
state_document_new (void)
{
  StateDocument *document = g_new (StateDocument, 1);
  *document = (StateDocument) {
    .visible = true,
    .paired = g_ptr_array_new_with_free_func ((GDestroyNotify) paired_device_free),
    .rest = json_object_new (),
    .device_rest = json_object_new (),
  };
  return document;
}

void
state_document_free (StateDocument *document)
{
  if (!document)
    return;
  g_ptr_array_unref (document->paired);
  json_object_unref (document->rest);
  json_object_unref (document->device_rest);
  g_free (document->receive_dir);
  g_free (document);
}

StateDocument *
state_document_parse (const char *data, size_t len, GError **error)
{
  g_autoptr (StateDocument) document = state_document_new ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local = NULL;
  if (!g_utf8_validate_len (data, len, NULL))
    {
      corrupt ("its text (not UTF-8)", error);
      return NULL;
    }
  if (!json_parser_load_from_data (parser, data, len, &local))
    {
      g_set_error (error, STATE_ERROR, STATE_ERROR_CORRUPT, "it is not JSON (%s)", local->message);
      return NULL;
    }
  JsonNode *root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root))
    {
      corrupt ("the top level", error);
      return NULL;
    }

  JsonObject *json = json_node_get_object (root);
  json_object_unref (document->rest);
  document->rest = json_object_ref (json);
  if (!check_version (json, error) || !parse_our_device (document, json, error) ||
      !parse_all_paired (document, json, error))
    return NULL;
  parse_receive_dir (document, json);
  return g_steal_pointer (&document);
}

/* Members are shared with @rest: nobody changes a node once it is in a document. */
static JsonObject *
copy_rest (JsonObject *rest)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  json_object_iter_init_ordered (&iter, rest);
  const char *name;
  JsonNode *node;
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (copy, name, json_node_ref (node));
  return copy;
}

static JsonObject *
serialize_device (const DeviceInfo *device, JsonObject *rest)
{
  JsonObject *json = copy_rest (rest);
  json_object_set_string_member (json, "device_id", device->device_id);
  json_object_set_string_member (json, "name", device->name);
  json_object_set_string_member (json, "type", device_type_name (device->type));
  return json;
}

static JsonObject *
serialize_paired (const PairedDevice *paired)
{
  JsonObject *json = serialize_device (&paired->info, paired->rest);
  JsonArray *addresses = json_array_new ();
  g_autofree char *id = node_id_to_hex (&paired->info.node_id);
  for (guint i = 0; i < paired->addresses->len; i++)
    {
      g_autofree char *text =
          g_socket_connectable_to_string (g_ptr_array_index (paired->addresses, i));
      json_array_add_string_element (addresses, text);
    }
  json_object_set_string_member (json, "node_id", id);
  json_object_set_string_member (json, "version", paired->info.version);
  json_object_set_array_member (json, "addresses", addresses);
  json_object_set_int_member (json, "last_seen", paired->last_seen);
  return json;
}

static JsonObject *
serialize_root (const StateDocument *document)
{
  JsonObject *json = copy_rest (document->rest);
  JsonObject *device = serialize_device (&document->device, document->device_rest);
  JsonArray *paired = json_array_new ();
  json_object_set_boolean_member (device, "visible", document->visible);
  for (guint i = 0; i < document->paired->len; i++)
    json_array_add_object_element (paired,
                                   serialize_paired (g_ptr_array_index (document->paired, i)));
  json_object_set_int_member (json, "version", STATE_DOCUMENT_VERSION);
  json_object_set_object_member (json, "device", device);
  json_object_set_array_member (json, "paired", paired);
  if (document->receive_dir)
    json_object_set_string_member (json, "receive_dir", document->receive_dir);
  return json;
}

char *
state_document_serialize (const StateDocument *document, size_t *len)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *json = NULL;
  json_node_take_object (root, serialize_root (document));
  json = json_to_string (root, TRUE);
  char *text = g_strconcat (json, "\n", NULL);
  *len = strlen (text);
  return text;
}

PairedDevice *
paired_device_new (const DeviceInfo *info)
{
  PairedDevice *paired = g_new (PairedDevice, 1);
  *paired = (PairedDevice) {
    .info = *info,
    .addresses = g_ptr_array_new_with_free_func (g_object_unref),
    .rest = json_object_new (),
  };
  return paired;
}

void
paired_device_free (PairedDevice *paired)
{
  g_ptr_array_unref (paired->addresses);
  json_object_unref (paired->rest);
  g_free (paired);
}

void
paired_device_add_address (PairedDevice *paired, GInetSocketAddress *address)
{
  if (g_inet_address_get_is_link_local (g_inet_socket_address_get_address (address)))
    return;
  guint at;
  if (g_ptr_array_find_with_equal_func (paired->addresses, address, socket_address_equal, &at))
    g_ptr_array_remove_index (paired->addresses, at);
  g_ptr_array_insert (paired->addresses, 0, g_object_ref (address));
  if (paired->addresses->len > STATE_ADDRESSES_MAX)
    g_ptr_array_set_size (paired->addresses, STATE_ADDRESSES_MAX);
}
