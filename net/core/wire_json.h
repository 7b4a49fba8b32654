/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as it goes over the wire: RFC 8259, made strict and bounded, for bytes that a peer chose.
 *
 * Narrower than the RFC: numbers are integers from -2^63 to 2^64-1 without fraction or exponent
 * and are kept exactly; strings may not hold NUL; names in one object are unique; the document
 * is one object. Unknown names are ignored by the getters, so later versions may add some. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

#define WIRE_JSON_SIZE_MAX    (1024 * 1024) /* bytes of text */
#define WIRE_JSON_DEPTH_MAX   16
#define WIRE_JSON_NODES_MAX   (256 * 1024)
#define WIRE_JSON_MEMBERS_MAX 64 /* names in one object */

typedef enum
{
  WIRE_JSON_ERROR_SYNTAX,
  WIRE_JSON_ERROR_LIMIT,
  WIRE_JSON_ERROR_FIELD, /* missing, of another type, out of range: the message names it */
} WireJsonError;

#define WIRE_JSON_ERROR (wire_json_error_quark ())
GQuark wire_json_error_quark (void);

/** A parsed document: immutable, owns its nodes and strings. */
typedef struct WireJson WireJson;
/** One value in it; borrowed from the document. */
typedef struct WireJsonNode WireJsonNode;

WireJson *wire_json_parse (const uint8_t *text, size_t len,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void wire_json_free (WireJson *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WireJson, wire_json_free)
/** The outermost object. */
const WireJsonNode *wire_json_root (const WireJson *json);

/* Getters: the named member of @object, or false with WIRE_JSON_ERROR_FIELD. All out-parameters
 * stay unchanged on failure. Strings are valid UTF-8 and borrowed from the document. */
bool wire_json_has (const WireJsonNode *object, const char *name);
bool wire_json_get_string (const WireJsonNode *object, const char *name, size_t max_bytes,
                           const char **value, GError **error);
bool wire_json_get_uint (const WireJsonNode *object, const char *name, uint64_t max,
                         uint64_t *value, GError **error);
bool wire_json_get_uint32 (const WireJsonNode *object, const char *name, uint32_t max,
                           uint32_t *value, GError **error);
bool wire_json_get_int (const WireJsonNode *object, const char *name, int64_t *value,
                        GError **error);
bool wire_json_get_bool (const WireJsonNode *object, const char *name, bool *value, GError **error);
/** Exactly @len bytes as 2 * @len lower-case hex digits. */
bool wire_json_get_hex (const WireJsonNode *object, const char *name, uint8_t *value, size_t len,
                        GError **error);
bool wire_json_get_object (const WireJsonNode *object, const char *name, const WireJsonNode **value,
                           GError **error);
/** An array of at most @max_count elements. */
bool wire_json_get_array (const WireJsonNode *object, const char *name, size_t max_count,
                          const WireJsonNode **array, GError **error);

/* Elements of an array in order: for (n = wire_json_first (array); n != NULL; n = wire_json_next
 * (array, n)) */
size_t wire_json_count (const WireJsonNode *array);
const WireJsonNode *wire_json_first (const WireJsonNode *array);
const WireJsonNode *wire_json_next (const WireJsonNode *array, const WireJsonNode *element);
/** An element itself, for arrays of plain values; @what names it in the error. */
bool wire_json_as_uint (const WireJsonNode *node, const char *what, uint64_t max, uint64_t *value,
                        GError **error);
bool wire_json_as_string (const WireJsonNode *node, const char *what, size_t max_bytes,
                          const char **value, GError **error);
