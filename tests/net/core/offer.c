/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/offer.h"

#include <string.h>

#include "net/core/path.h"

#define ID      "\"transfer_id\":\"000102030405060708090a0b0c0d0e0f\""
#define OPTIONS "\"options\":{\"compress\":false,\"encrypt\":true}"
#define HEAD(n, b)                                                                                 \
  "{\"type\":\"offer\"," ID ",\"entries_total\":" #n ",\"bytes_total\":" #b "," OPTIONS ","
#define FILE_A                                                                                     \
  "{\"id\":0,\"path\":\"a\",\"kind\":\"file\",\"size\":5,\"mtime\":-1,\"mtime_ns\":0,\"mode\":420}"
#define FOLDER_B                                                                                   \
  "{\"id\":1,\"path\":\"b\",\"kind\":\"folder\",\"mtime\":7,\"mtime_ns\":8,\"mode\":493}"

static const TransferId id = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };
static const OfferTime epoch;
static const OfferOptions options = { .encrypt = true };

static bool
take (Offer *offer, const char *text, GError **error)
{
  g_autoptr (GError) syntax = NULL;
  g_autoptr (WireJson) json = wire_json_parse ((const uint8_t *) text, strlen (text), &syntax);
  g_assert_no_error (syntax);
  return offer_take_frame (offer, wire_json_root (json), error);
}

static void
on_the_wire (void)
{
  g_autoptr (Offer) offer = offer_new (&id, &options);
  g_assert_true (offer_add (offer, "a", OFFER_FILE, 5, (OfferTime) { -1, 0 }, 0100644, NULL));
  g_assert_true (offer_add (offer, "b", OFFER_FOLDER, 4096, (OfferTime) { 7, 8 }, 0755, NULL));
  g_autoptr (GString) json = g_string_new (NULL);
  uint32_t next = 0;
  bool last = false;
  offer_encode_frame (offer, &next, &last, json);
  g_assert_cmpstr (json->str, ==,
                   HEAD (2, 5) "\"entries\":[" FILE_A "," FOLDER_B "],\"last\":true}");
  g_assert_true (last && next == 2);
}

static void
views (void)
{
  g_autoptr (Offer) offer = offer_new (&id, &options);
  g_assert_true (offer_add (offer, "top.txt", OFFER_FILE, 1, epoch, 0644, NULL));
  g_assert_true (offer_add (offer, "d/one", OFFER_FILE, 2, epoch, 06755, NULL));
  g_assert_true (offer_add (offer, "d/e/two", OFFER_FILE, 3, epoch, 0, NULL));
  g_assert_true (offer_add (offer, "d/three", OFFER_FILE, OFFER_BYTES_MAX - 6, epoch, 0, NULL));
  g_assert_cmpuint (offer_get_total_bytes (offer), ==, OFFER_BYTES_MAX);
  g_autoptr (GError) error = NULL;
  g_assert_false (offer_add (offer, "d/four", OFFER_FILE, 1, epoch, 0, &error));
  g_assert_error (error, OFFER_ERROR, OFFER_ERROR_LIMIT);

  OfferEntry top, one, two, three;
  g_assert_true (offer_get_entry (offer, 0, &top) && offer_get_entry (offer, 1, &one) &&
                 offer_get_entry (offer, 2, &two) && offer_get_entry (offer, 3, &three));
  g_assert_false (offer_get_entry (offer, 4, &top));
  g_assert_cmpstr (top.folder, ==, "");
  g_assert_cmpstr (two.folder, ==, "d/e");
  /* Shared although another folder came in between. */
  g_assert_true (one.folder == three.folder);
  g_assert_cmpuint (one.mode, ==, 0755);
  g_assert_cmpuint (three.size, ==, OFFER_BYTES_MAX - 6);
  g_autofree char *path = offer_entry_dup_path (&two);
  g_assert_cmpstr (path, ==, "d/e/two");
}

/* Names that begin alike, at one depth, one after the other. */
static void
folders_are_told_apart (void)
{
  static const char *const paths[] = { "ab/x", "a/x",    "abc/x",   "ab/x", "a",
                                       "b",    "ab/c/x", "ab/cd/x", "ab/c", "a/c/x" };
  g_autoptr (Offer) offer = offer_new (&id, &options);
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_true (offer_add (offer, paths[i], OFFER_FILE, 1, epoch, 0644, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      OfferEntry entry;
      g_assert_true (offer_get_entry (offer, i, &entry));
      g_autofree char *path = offer_entry_dup_path (&entry);
      g_assert_cmpstr (path, ==, paths[i]);
    }
}

static void
deepest (void)
{
  g_autoptr (GString) path = g_string_new ("d");
  for (int i = 1; i < PATH_MAX_DEPTH; i++)
    g_string_append (path, "/d");
  g_autoptr (Offer) offer = offer_new (&id, &options);
  g_assert_true (offer_add (offer, path->str, OFFER_FOLDER, 0, epoch, 0755, NULL));
  g_string_append (path, "/d");
  g_assert_false (offer_add (offer, path->str, OFFER_FOLDER, 0, epoch, 0755, NULL));
}

static void
bad_paths_are_not_offered (void)
{
  g_autoptr (Offer) offer = offer_new (&id, &options);
  g_autoptr (GError) error = NULL;
  g_assert_false (offer_add (offer, "a/../b", OFFER_FILE, 1, epoch, 0644, &error));
  g_assert_error (error, OFFER_ERROR, OFFER_ERROR_PATH);
  g_assert_cmpuint (offer_get_n_entries (offer), ==, 0);
}

static void
assert_same (const Offer *a, const Offer *b)
{
  g_assert_true (transfer_id_equal (offer_get_id (a), offer_get_id (b)));
  g_assert_true (offer_get_options (a)->encrypt == offer_get_options (b)->encrypt);
  g_assert_cmpuint (offer_get_n_entries (a), ==, offer_get_n_entries (b));
  g_assert_cmpuint (offer_get_n_files (a), ==, offer_get_n_files (b));
  g_assert_cmpuint (offer_get_total_bytes (a), ==, offer_get_total_bytes (b));
  OfferEntry x, y;
  for (uint32_t i = 0; offer_get_entry (a, i, &x) && offer_get_entry (b, i, &y); i++)
    {
      g_assert_true (x.kind == y.kind && x.mode == y.mode && x.size == y.size &&
                     x.mtime.seconds == y.mtime.seconds &&
                     x.mtime.nanoseconds == y.mtime.nanoseconds);
      g_assert_cmpstr (x.folder, ==, y.folder);
      g_assert_cmpstr (x.name, ==, y.name);
    }
}

/* Returns the number of frames it took. */
static unsigned
carry (const Offer *offer)
{
  g_autoptr (Offer) arrived = offer_new_incoming ();
  unsigned frames = 0;
  uint32_t next = 0;
  for (bool last = false; !last; frames++)
    {
      g_assert_false (offer_is_complete (arrived));
      g_autoptr (GString) json = g_string_new (NULL);
      offer_encode_frame (offer, &next, &last, json);
      g_assert_cmpuint (json->len, <, WIRE_JSON_SIZE_MAX - 1024);
      g_autoptr (GError) error = NULL;
      take (arrived, json->str, &error);
      g_assert_no_error (error);
    }
  g_assert_true (offer_is_complete (arrived));
  assert_same (offer, arrived);
  return frames;
}

static void
many_entries (void)
{
  g_autoptr (Offer) offer = offer_new (&id, &options);
  for (unsigned i = 0; i < 3 * OFFER_FRAME_ENTRIES_MAX; i++)
    {
      char path[64];
      g_snprintf (path, sizeof path, "folder %u/ü \"%u\"", i / 100, i);
      g_assert_true (offer_add (offer, path, i % 100 == 0 ? OFFER_FOLDER : OFFER_FILE, i,
                                (OfferTime) { (int64_t) i * -1000, i }, 0640, NULL));
    }
  g_assert_cmpuint (carry (offer), >=, 3);
}

/* The worst names for the encoder: long, and every byte needs an escape. */
static void
long_names (void)
{
  g_autoptr (Offer) offer = offer_new (&id, &options);
  g_autofree char *component = g_strnfill (PATH_COMPONENT_MAX, '"');
  g_autoptr (GString) path = g_string_new (component);
  while (path->len + 1 + PATH_COMPONENT_MAX <= PATH_MAX_BYTES)
    g_string_append_printf (path, "/%s", component);
  for (int i = 0; i < 300; i++)
    {
      g_autofree char *number = g_strdup_printf ("%03d", i);
      memcpy (path->str, number, 3);
      g_assert_true (offer_add (offer, path->str, OFFER_FILE, 1,
                                (OfferTime) { INT64_MIN, OFFER_NANOSECONDS_MAX }, 0777, NULL));
    }
  g_assert_cmpuint (carry (offer), >, 1);
}

static bool
arrives (const char *const paths[], const OfferKind kinds[], GError **error)
{
  g_autoptr (Offer) offer = offer_new (&id, &options);
  for (size_t i = 0; paths[i]; i++)
    g_assert_true (offer_add (offer, paths[i], kinds[i], 1, epoch, 0644, NULL));
  g_autoptr (Offer) arrived = offer_new_incoming ();
  g_autoptr (GString) json = g_string_new (NULL);
  uint32_t next = 0;
  bool last = false;
  offer_encode_frame (offer, &next, &last, json);
  bool ok = take (arrived, json->str, error);
  g_assert_true (ok == offer_is_complete (arrived));
  return ok;
}

/* A path names one thing, however far apart in the offer it comes. */
static void
each_path_once (void)
{
  static const struct
  {
    const char *paths[5];
    OfferKind kinds[4];
    bool good;
  } cases[] = {
    { { "a", "b", "a" }, { OFFER_FILE, OFFER_FILE, OFFER_FILE }, false },
    { { "a", "b", "a" }, { OFFER_FOLDER, OFFER_FILE, OFFER_FOLDER }, false },
    { { "a", "b", "a" }, { OFFER_FILE, OFFER_FILE, OFFER_FOLDER }, false },
    { { "a/x", "b/x", "a/x" }, { OFFER_FILE, OFFER_FILE, OFFER_FILE }, false },
    { { "a", "a/b" }, { OFFER_FILE, OFFER_FILE }, false },
    { { "a/b", "a" }, { OFFER_FILE, OFFER_FILE }, false },
    { { "a", "b", "a/b/c/d" }, { OFFER_FILE, OFFER_FILE, OFFER_FILE }, false },
    { { "x/a/b/c/d", "x", "x/a/b" }, { OFFER_FILE, OFFER_FOLDER, OFFER_FILE }, false },
    { { "a", "a/b", "a/c" }, { OFFER_FOLDER, OFFER_FILE, OFFER_FILE }, true },
    { { "a/b", "ab", "a", "b" }, { OFFER_FILE, OFFER_FILE, OFFER_FOLDER, OFFER_FILE }, true },
    { { "a", "A", "á", "a\xcc\x81" }, { OFFER_FILE, OFFER_FILE, OFFER_FILE, OFFER_FILE }, true },
    { { "a/b/c", "d", "a/b/d", "a/b" },
      { OFFER_FILE, OFFER_FILE, OFFER_FILE, OFFER_FOLDER },
      true },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (arrives (cases[i].paths, cases[i].kinds, &error) == cases[i].good);
      if (!cases[i].good)
        g_assert_error (error, OFFER_ERROR, OFFER_ERROR_DUPLICATE);
    }
}

/* Folders that nothing but their depth makes many are bounded by what is kept of them. */
static void
invented_parents (void)
{
  g_autoptr (Offer) offer = offer_new_incoming ();
  g_autoptr (GError) error = NULL;
  unsigned n = 0;
  for (; !error; n++)
    {
      g_autofree char *top = g_strdup_printf ("%u", n);
      g_autoptr (GString) path = g_string_new (top);
      while (path->len < 2 * 100)
        g_string_append (path, "/d");
      offer_add (offer, path->str, OFFER_FILE, 0, epoch, 0644, &error);
    }
  g_assert_error (error, OFFER_ERROR, OFFER_ERROR_LIMIT);
  g_assert_cmpuint (n, <, OFFER_ENTRIES_MAX / 20);
}

static void
times (void)
{
  static const struct
  {
    const char *json;
    bool good;
  } cases[] = {
    { "\"mtime\":9223372036854775807,\"mtime_ns\":999999999", true },
    { "\"mtime\":-9223372036854775808,\"mtime_ns\":0", true },
    { "\"mtime\":9223372036854775808,\"mtime_ns\":0", false },
    { "\"mtime\":-9223372036854775809,\"mtime_ns\":0", false },
    { "\"mtime\":0,\"mtime_ns\":1000000000", false },
    { "\"mtime\":0,\"mtime_ns\":-1", false },
    { "\"mtime\":0", false },
    { "\"mtime_ns\":0", false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          HEAD (
              1,
              0) "\"entries\":[{\"id\":0,\"path\":\"x\",\"kind\":\"folder\",%s,\"mode\":0}],\"last\":true}",
          cases[i].json);
      g_autoptr (Offer) offer = offer_new_incoming ();
      g_autoptr (WireJson) json = wire_json_parse ((const uint8_t *) text, strlen (text), NULL);
      g_assert_true ((json && offer_take_frame (offer, wire_json_root (json), NULL)) ==
                     cases[i].good);
    }
}

static void
empty (void)
{
  g_autoptr (Offer) offer = offer_new (&id, &options);
  g_assert_cmpuint (carry (offer), ==, 1);
}

static void
refused (void)
{
  static const struct
  {
    const char *frames[2];
    OfferError error;
  } cases[] = {
    { { "{}" }, OFFER_ERROR_INVALID },
    { { "{\"type\":\"offer-entries\",\"entries\":[],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (1, 5) "\"entries\":[" FILE_A "]}" }, OFFER_ERROR_INVALID },
    { { HEAD (1, 5) "\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (1, 5) "\"entries\":[],\"last\":false}" }, OFFER_ERROR_INVALID },
    { { HEAD (1, 5) "\"entries\":[5],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (1, 5) "\"entries\":[{}],\"last\":true}" }, OFFER_ERROR_INVALID },
    /* totals */
    { { HEAD (2, 5) "\"entries\":[" FILE_A "],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (0, 5) "\"entries\":[" FILE_A "],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (1, 4) "\"entries\":[" FILE_A "],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (1, 6) "\"entries\":[" FILE_A "],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (1048577, 5) "\"entries\":[" FILE_A "],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (1, 9007199254740992) "\"entries\":[" FILE_A "],\"last\":true}" },
      OFFER_ERROR_INVALID },
    /* order */
    { { HEAD (2, 5) "\"entries\":[" FOLDER_B "," FILE_A "],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (2, 10) "\"entries\":[" FILE_A "," FILE_A "],\"last\":true}" }, OFFER_ERROR_INVALID },
    { { HEAD (2, 5) "\"entries\":[" FILE_A "],\"last\":false}",
        HEAD (2, 5) "\"entries\":[" FOLDER_B "],\"last\":true}" },
      OFFER_ERROR_INVALID },
    { { HEAD (1, 5) "\"entries\":[" FILE_A "],\"last\":true}",
        "{\"type\":\"offer-entries\",\"entries\":[],\"last\":true}" },
      OFFER_ERROR_INVALID },
    /* entries */
    { { HEAD (
          1,
          0) "\"entries\":[{\"id\":0,\"path\":\"../x\",\"kind\":\"folder\",\"mtime\":0,\"mtime_ns\":0,\"mode\":0}],"
             "\"last\":true}" },
      OFFER_ERROR_PATH },
    { { HEAD (
          1,
          0) "\"entries\":[{\"id\":0,\"path\":\"x\",\"kind\":\"link\",\"mtime\":0,\"mtime_ns\":0,\"mode\":0}],"
             "\"last\":true}" },
      OFFER_ERROR_INVALID },
    { { HEAD (
          1,
          0) "\"entries\":[{\"id\":0,\"path\":\"x\",\"kind\":\"file\",\"size\":-1,\"mtime\":0,\"mtime_ns\":0,\"mode\":0}],"
             "\"last\":true}" },
      OFFER_ERROR_INVALID },
    { { HEAD (
          1,
          0) "\"entries\":[{\"id\":0,\"path\":\"x\",\"kind\":\"file\",\"mtime\":0,\"mtime_ns\":0,\"mode\":0}],"
             "\"last\":true}" },
      OFFER_ERROR_INVALID },
    { { HEAD (
          1,
          0) "\"entries\":[{\"id\":0,\"path\":\"x\",\"kind\":\"folder\",\"mtime\":0,\"mtime_ns\":0,\"mode\":65535}],"
             "\"last\":true}" },
      OFFER_ERROR_INVALID },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Offer) offer = offer_new_incoming ();
      g_autoptr (GError) error = NULL;
      const char *final = cases[i].frames[0];
      if (cases[i].frames[1])
        {
          g_assert_true (take (offer, cases[i].frames[0], NULL));
          final = cases[i].frames[1];
        }
      g_assert_false (take (offer, final, &error));
      g_assert_error (error, OFFER_ERROR, (int) cases[i].error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/offer/on-the-wire", on_the_wire);
  g_test_add_func ("/offer/views", views);
  g_test_add_func ("/offer/folders-are-told-apart", folders_are_told_apart);
  g_test_add_func ("/offer/deepest", deepest);
  g_test_add_func ("/offer/bad-paths-are-not-offered", bad_paths_are_not_offered);
  g_test_add_func ("/offer/many-entries", many_entries);
  g_test_add_func ("/offer/long-names", long_names);
  g_test_add_func ("/offer/each-path-once", each_path_once);
  g_test_add_func ("/offer/invented-parents", invented_parents);
  g_test_add_func ("/offer/times", times);
  g_test_add_func ("/offer/empty", empty);
  g_test_add_func ("/offer/refused", refused);
  return g_test_run ();
}
