/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole window on a real node, and a second real node to talk to, over the loopback. */
#pragma once

#include <glib/gstdio.h>

#include "tests/support/scratch.h"
#include "tests/ui/ui_test.h"
#include "ui/device_page.h"
#include "ui/window.h"

typedef struct
{
  WherryClient *client;
  Scratch scratch; /* holds data/ and received/ */
} Device;

typedef struct
{
  Device here, there;
  WherryWindow *window;
} Fixture;

static inline void
device_open (Device *device, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *warning = NULL;
  scratch_init (&device->scratch);
  scratch_mkdir (&device->scratch, "received");
  g_autofree char *data = scratch_path (&device->scratch, "data");
  g_autofree char *received = scratch_path (&device->scratch, "received");
  ClientOptions options = { .data_dir = data, .receive_dir = received, .accept = POLICY_ASK };
  device->client = wherry_client_open_sync (&options, &warning, &error);
  g_assert_no_error (error);
  g_assert_null (warning);
  wherry_client_set_name (device->client, name);
}

static inline void
device_close (Device *device)
{
  g_autoptr (DexFuture) closed = wherry_client_close (device->client);
  wait_until (!dex_future_is_pending (closed));
  g_assert_finalize_object (device->client);
  scratch_clear (&device->scratch);
}

static inline GPtrArray *
address_of (Device *device)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (list, g_inet_socket_address_new_from_string (
                             "127.0.0.1", wherry_client_get_port (device->client)));
  return list;
}

static inline void
set_up (Fixture *fixture, gconstpointer width)
{
  device_open (&fixture->here, "Ada");
  device_open (&fixture->there, "Grace <b>Hopper</b>");
  fixture->window = wherry_window_new (NULL);
  wherry_window_set_client (fixture->window, fixture->here.client);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), GPOINTER_TO_INT (width), 700);
  gtk_window_present (GTK_WINDOW (fixture->window));
  wait_until (gtk_widget_get_mapped (GTK_WIDGET (fixture->window)));
  wait_until (gtk_widget_get_width (GTK_WIDGET (fixture->window)) == GPOINTER_TO_INT (width));
}

static inline void
tear_down (Fixture *fixture, gconstpointer width)
{
  gpointer window = fixture->window;
  AdwApplicationWindow *host = ADW_APPLICATION_WINDOW (fixture->window);
  if (adw_application_window_get_visible_dialog (host))
    adw_dialog_force_close (adw_application_window_get_visible_dialog (host));
  /* A split view of libadwaita 1.7 leaves an idle function behind that writes into it. */
  wait_settle ();
  g_object_add_weak_pointer (G_OBJECT (window), &window);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  wait_until (!window);
  device_close (&fixture->there);
  device_close (&fixture->here);
}

/* Shows a code at the other device and enters it in the dialog, by address. */
static inline void
pair (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryPairingSession) host =
      wherry_client_host_pairing (fixture->there.client, &error);
  g_autofree char *address =
      g_strdup_printf ("127.0.0.1:%u", wherry_client_get_port (fixture->there.client));
  g_assert_no_error (error);
  g_assert_true (
      gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.enter-address", NULL));
  GtkEditable *first, *where;
  wait_until ((first = ui_test_find (fixture->window, GTK_TYPE_ENTRY, 0)) != NULL);
  gtk_editable_set_text (first, wherry_pairing_session_get_words (host));
  wait_until ((where = ui_test_find (fixture->window, ADW_TYPE_ENTRY_ROW, 0)) != NULL);
  gtk_editable_set_text (where, address);
  ui_test_click (fixture->window, "_Pair");
  wait_until (ui_test_says (fixture->window, "Paired with Grace <b>Hopper</b>"));
  ui_test_click (fixture->window, "_Done");
  wait_until (ui_test_find (fixture->window, WHERRY_TYPE_DEVICE_PAGE, 0) != NULL);
  wait_until (wherry_pairing_session_get_phase (host) == PAIRING_DONE);
}

static inline WherryDevice *
paired_device (Device *device)
{
  GListModel *devices = wherry_client_get_devices (device->client);
  g_autoptr (WherryDevice) first = g_list_model_get_item (devices, 0);
  g_assert_nonnull (first);
  g_assert_true (wherry_device_get_paired (first));
  return first;
}

static inline GFile *
file_of (Device *device, const char *name, const char *contents)
{
  scratch_write (&device->scratch, name, contents, -1);
  return scratch_file (&device->scratch, name);
}

/** Lets the key fall on the window as from a keyboard, to wherever its focus is. */
static inline void
press (GtkWindow *window, const char *keys)
{
  g_autofree char *command =
      g_strdup_printf ("xdotool search --onlyvisible --name '^%s$' windowfocus key %s",
                       gtk_window_get_title (window), keys);
  int status = -1;
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}
