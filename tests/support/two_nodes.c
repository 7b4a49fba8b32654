/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/two_nodes.h"

static int
get_int (gpointer object, const char *property)
{
  int value;
  g_object_get (object, property, &value, NULL);
  return value;
}

void
wait_int_at (gpointer object, const char *property, int value, const char *what)
{
  wait_until_in (NULL, get_int (object, property) == value, what);
}

GPtrArray *
loopback_of (WherryClient *node)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (
      list, g_inet_socket_address_new_from_string ("127.0.0.1", wherry_client_get_port (node)));
  return list;
}

void
two_nodes_open_one (TwoNodes *fixture, int i)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *warning = NULL;
  g_autofree char *receive_dir = scratch_path (&fixture->scratch, "%s", i ? "to-b" : "to-a");
  ClientOptions options = {
    .data_dir = fixture->dirs[i], .receive_dir = receive_dir, .port = 0, .accept = POLICY_ASK
  };
  fixture->nodes[i] = wherry_client_open_sync (&options, &warning, &error);
  g_assert_no_error (error);
  g_assert_null (warning);
}

void
two_nodes_close_one (TwoNodes *fixture, int i)
{
  gpointer node = fixture->nodes[i];
  g_assert_true (wait_future (wherry_client_close (node), NULL));
  g_object_add_weak_pointer (node, &node);
  g_clear_object (&fixture->nodes[i]);
  while (node && g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (node);
}

void
two_nodes_start (TwoNodes *fixture, gconstpointer data)
{
  scratch_init (&fixture->scratch);
  for (int i = 0; i < 2; i++)
    {
      fixture->dirs[i] = scratch_path (&fixture->scratch, "%s", i ? "b" : "a");
      two_nodes_open_one (fixture, i);
    }
  wherry_client_set_name (fixture->A, "Anna’s desktop");
  wherry_client_set_name (fixture->B, "Bert’s laptop");
}

void
two_nodes_stop (TwoNodes *fixture, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    {
      if (fixture->nodes[i])
        two_nodes_close_one (fixture, i);
      g_free (fixture->dirs[i]);
    }
  scratch_clear (&fixture->scratch);
}

WherryDevice *
device_of (WherryClient *node, WherryClient *other)
{
  return wherry_device_registry_lookup (WHERRY_NODE (node)->registry, wherry_client_get_id (other));
}

WherryDevice *
pair_by_words (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_autoptr (WherryPairingSession) host = wherry_client_host_pairing (fixture->A, &error);
  g_assert_no_error (error);
  g_autoptr (WherryPairingSession) join = wherry_client_join_pairing (
      fixture->B, wherry_pairing_session_get_words (host), NULL, address, &error);
  g_assert_no_error (error);
  wait_phase (join, PAIRING_DONE);
  wait_phase (host, PAIRING_DONE);
  return wherry_pairing_session_get_device (join);
}
