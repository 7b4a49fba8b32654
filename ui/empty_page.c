/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/empty_page.h"

#include <glib/gi18n-lib.h>

struct _WherryEmptyPage
{
  AdwBin parent_instance;

  AdwStatusPage *status;
  GtkWidget *add_device;
  GtkWidget *enter_code;
  GtkWidget *enter_address;

  GListModel *paired; /* (owned) */
  GListModel *nearby; /* (owned) */
  guint patience_source;
};

G_DEFINE_FINAL_TYPE (WherryEmptyPage, wherry_empty_page, ADW_TYPE_BIN)

typedef enum
{
  EMPTY_CHOOSE,    /* there are paired devices */
  EMPTY_PAIR,      /* there are devices nearby, none of them paired */
  EMPTY_SEARCHING, /* there is nothing yet */
  EMPTY_NOTHING,   /* there is nothing still */
} EmptyKind;

static EmptyKind
kind_of_page (WherryEmptyPage *self)
{
  if (g_list_model_get_n_items (self->paired) > 0)
    return EMPTY_CHOOSE;
  if (g_list_model_get_n_items (self->nearby) > 0)
    return EMPTY_PAIR;
  return self->patience_source != 0 ? EMPTY_SEARCHING : EMPTY_NOTHING;
}

static void
update (WherryEmptyPage *self)
{
  static const struct
  {
    const char *icon_name;
    const char *title;
    const char *description;
  } texts[] = {
    [EMPTY_CHOOSE] = { "document-send-symbolic", N_ ("Choose a Device"),
                       N_ ("Drop files on a device to send them, or choose it to see more") },
    [EMPTY_PAIR] = { APP_ID, N_ ("Add Your Devices"),
                     N_ ("Pair a device once, then send files to it straight away, without an "
                         "account and without a cloud") },
    [EMPTY_SEARCHING] = { APP_ID, N_ ("Looking for Devices…"),
                          N_ ("Open Wherry on another device of yours that is on the same network") },
    [EMPTY_NOTHING] = { "network-wireless-offline-symbolic", N_ ("No Devices Found"),
                        N_ ("Wherry may not be open on the other device, the two may be on different networks, or "
                            "the network keeps its devices apart, as guest networks do. A code works all the "
                            "same") },
  };
  EmptyKind kind = kind_of_page (self);

  adw_status_page_set_icon_name (self->status, texts[kind].icon_name);
  adw_status_page_set_title (self->status, _ (texts[kind].title));
  adw_status_page_set_description (self->status, _ (texts[kind].description));
  gtk_widget_set_visible (self->add_device, kind == EMPTY_PAIR || kind == EMPTY_SEARCHING);
  gtk_widget_set_visible (self->enter_code, kind == EMPTY_NOTHING);
  gtk_widget_set_visible (self->enter_address, kind == EMPTY_NOTHING);
}

static void
patience_over_cb (gpointer user_data)
{
  WherryEmptyPage *self = user_data;
  self->patience_source = 0;
  update (self);
}

static void
wherry_empty_page_dispose (GObject *object)
{
  WherryEmptyPage *self = WHERRY_EMPTY_PAGE (object);
  g_clear_handle_id (&self->patience_source, g_source_remove);
  g_clear_object (&self->paired);
  g_clear_object (&self->nearby);
  G_OBJECT_CLASS (wherry_empty_page_parent_class)->dispose (object);
}

static void
wherry_empty_page_class_init (WherryEmptyPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_empty_page_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/empty_page.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryEmptyPage, status);
  gtk_widget_class_bind_template_child (widget_class, WherryEmptyPage, add_device);
  gtk_widget_class_bind_template_child (widget_class, WherryEmptyPage, enter_code);
  gtk_widget_class_bind_template_child (widget_class, WherryEmptyPage, enter_address);
}

static void
wherry_empty_page_init (WherryEmptyPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
wherry_empty_page_set_devices (WherryEmptyPage *self, GListModel *paired, GListModel *nearby)
{
  g_return_if_fail (WHERRY_IS_EMPTY_PAGE (self));
  g_return_if_fail (!self->paired);

  self->paired = g_object_ref (paired);
  self->nearby = g_object_ref (nearby);
  g_signal_connect_object (paired, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (nearby, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  self->patience_source =
      g_timeout_add_seconds_once (EMPTY_PAGE_PATIENCE_S, patience_over_cb, self);
  update (self);
}
