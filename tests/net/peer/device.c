/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/device_private.h"

#include "tests/net/store/fixture.h"

typedef struct
{
  WherryDevice *device;
  GHashTable *notified; /* (owned) names of properties */
} Fixture;

static void
notify_cb (GObject *device, GParamSpec *pspec, gpointer user_data)
{
  Fixture *f = user_data;
  g_hash_table_add (f->notified, (gpointer) pspec->name);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  DeviceInfo info = device_numbered (1);
  f->device = device_new (&info.node_id, DEVICE_STATE_DISCOVERED);
  f->notified = g_hash_table_new (g_str_hash, g_str_equal);
  g_signal_connect (f->device, "notify", G_CALLBACK (notify_cb), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_finalize_object (f->device);
  g_hash_table_unref (f->notified);
}

static void
assert_notified (Fixture *f, const char *a, const char *b)
{
  guint n = (a != NULL) + (b != NULL);
  g_assert_cmpuint (g_hash_table_size (f->notified), ==, n);
  g_assert_true (!a || g_hash_table_contains (f->notified, a));
  g_assert_true (!b || g_hash_table_contains (f->notified, b));
  g_hash_table_remove_all (f->notified);
}

static void
test_notifies_what_changed (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    {
      device_set_needs_pairing (f->device, true);
      assert_notified (f, i ? NULL : "needs-pairing", NULL);
      device_set_rtt (f->device, 500);
      assert_notified (f, i ? NULL : "rtt-us", NULL);
    }
  device_set_needs_pairing (f->device, false);
  assert_notified (f, "needs-pairing", NULL);
  g_assert_true (device_advance (f->device, DEVICE_EVENT_PAIRING_STARTED));
  assert_notified (f, "state", NULL);
  g_assert_true (device_advance (f->device, DEVICE_EVENT_PAIRED));
  assert_notified (f, "state", "paired");
  g_assert_false (device_advance (f->device, DEVICE_EVENT_DISCONNECTED));
  assert_notified (f, NULL, NULL);
}

/* Announced addresses go before known ones, and only as long as they are announced. */
static void
test_addresses (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) announced = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (announced, address_of ("192.0.2.7", 1));
  device_set_nearby (f->device, "One", DEVICE_PHONE, true, announced);
  g_assert_true (wherry_device_get_pairing_open (f->device));
  g_autoptr (GPtrArray) now = wherry_device_list_addresses (f->device);
  g_assert_cmpuint (now->len, ==, 1);
  device_set_gone (f->device);
  g_autoptr (GPtrArray) later = wherry_device_list_addresses (f->device);
  g_assert_cmpuint (later->len, ==, 0);
  g_assert_false (wherry_device_get_nearby (f->device));
  g_assert_false (wherry_device_get_pairing_open (f->device));
}

/* The row keeps a copy of its own. */
static void
test_root (Fixture *f, gconstpointer data)
{
  uint8_t root[PAIRING_ROOT_LEN];
  memcpy (root, random_root, sizeof root);
  g_assert_null (device_get_root (f->device));
  device_set_root (f->device, root);
  memset (root, 0, sizeof root);
  g_assert_cmpmem (device_get_root (f->device), PAIRING_ROOT_LEN, random_root, sizeof random_root);
  device_set_root (f->device, NULL);
  g_assert_null (device_get_root (f->device));
}

#define TEST(name, func) g_test_add ("/device/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("notifies-what-changed", test_notifies_what_changed);
  TEST ("addresses", test_addresses);
  TEST ("root", test_root);
  return run_tests ();
}
