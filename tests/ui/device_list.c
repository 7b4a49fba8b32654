/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sidebar's lists follow what happens to each device. */
#include "ui/device_list.h"

#include "tests/ui/ui_test.h"

static char *
names_of (GListModel *model)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (WherryDevice) device = g_list_model_get_item (model, i);
      g_string_append_printf (names, "%s ", wherry_device_get_name (device));
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

#define assert_names(model, expected)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *names_ = names_of (model);                                                    \
    g_assert_cmpstr (names_, ==, expected);                                                        \
  }                                                                                                \
  G_STMT_END

static void
test_changes_sides (void)
{
  g_autoptr (GListStore) devices = g_list_store_new (WHERRY_TYPE_DEVICE);
  g_autoptr (WherryDevice) grace = ui_test_device ("Grace", FALSE);
  g_autoptr (WherryDevice) ada = ui_test_device ("Ada", TRUE);
  g_autoptr (WherryDevice) zuse = ui_test_device ("Zuse", FALSE);
  g_list_store_append (devices, zuse);
  g_list_store_append (devices, grace);
  g_autoptr (GListModel) paired = device_list_paired (G_LIST_MODEL (devices));
  g_autoptr (GListModel) nearby = device_list_nearby (G_LIST_MODEL (devices));
  g_list_store_append (devices, ada);
  assert_names (paired, "Ada ");
  assert_names (nearby, "Grace Zuse ");

  g_assert_true (device_advance (zuse, DEVICE_EVENT_PAIRING_STARTED));
  assert_names (nearby, "Grace Zuse ");
  g_assert_true (device_advance (zuse, DEVICE_EVENT_PAIRED));
  assert_names (paired, "Ada Zuse ");
  assert_names (nearby, "Grace ");

  g_list_store_remove (devices, 0);
  assert_names (paired, "Ada ");
}

/* Models watch devices that live longer than they do. */
static void
test_goes_first (void)
{
  g_autoptr (GListStore) devices = g_list_store_new (WHERRY_TYPE_DEVICE);
  g_autoptr (WherryDevice) grace = ui_test_device ("Grace", FALSE);
  g_list_store_append (devices, grace);
  GListModel *nearby = device_list_nearby (G_LIST_MODEL (devices));
  g_assert_finalize_object (nearby);
  g_assert_true (device_advance (grace, DEVICE_EVENT_PAIRING_STARTED));
  g_assert_true (device_advance (grace, DEVICE_EVENT_PAIRED));
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/ui/device-list/changes-sides", test_changes_sides);
  g_test_add_func ("/ui/device-list/goes-first", test_goes_first);
  return g_test_run ();
}
