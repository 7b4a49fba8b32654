/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/this_device.h"

#include <glib/gi18n-lib.h>

struct _WherryThisDevice
{
  AdwBin parent_instance;

  GtkImage *visibility_icon;
  GtkLabel *visibility_caption;
  GtkLabel *name;
  GtkPopover *editor;
  GtkEditable *new_name;
  GtkWidget *apply;
  GtkSwitch *visible;

  WherryClient *client; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WherryThisDevice, wherry_this_device, ADW_TYPE_BIN)

static void
update_visibility (WherryThisDevice *self)
{
  bool visible = wherry_client_get_visible (self->client);
  gtk_image_set_from_icon_name (self->visibility_icon,
                                visible ? "view-reveal-symbolic" : "view-conceal-symbolic");
  gtk_label_set_label (self->visibility_caption, visible ? _ ("Visible as") : _ ("Hidden"));
}

/* A name may be longer than the bar; the tooltip has all of it. */
static void
update_name (WherryThisDevice *self)
{
  const char *name = wherry_client_get_name (self->client);
  gtk_label_set_label (self->name, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name), name);
}

static char *
get_new_name (WherryThisDevice *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (self->new_name)));
}

static void
update_apply_cb (WherryThisDevice *self)
{
  g_autofree char *name = get_new_name (self);
  gtk_widget_set_sensitive (self->apply, *name != '\0');
}

static void
editor_shown_cb (WherryThisDevice *self)
{
  if (self->client)
    gtk_editable_set_text (self->new_name, wherry_client_get_name (self->client));
  gtk_editable_select_region (self->new_name, 0, -1);
}

static void
apply_cb (WherryThisDevice *self)
{
  g_autofree char *name = get_new_name (self);
  if (!self->client || *name == '\0')
    return;
  gtk_popover_popdown (self->editor);
  if (!g_str_equal (name, wherry_client_get_name (self->client)))
    wherry_client_set_name (self->client, name);
}

static void
wherry_this_device_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), WHERRY_TYPE_THIS_DEVICE);
  g_clear_object (&WHERRY_THIS_DEVICE (object)->client);
  G_OBJECT_CLASS (wherry_this_device_parent_class)->dispose (object);
}

static void
wherry_this_device_class_init (WherryThisDeviceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_this_device_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/this_device.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryThisDevice, visibility_icon);
  gtk_widget_class_bind_template_child (widget_class, WherryThisDevice, visibility_caption);
  gtk_widget_class_bind_template_child (widget_class, WherryThisDevice, name);
  gtk_widget_class_bind_template_child (widget_class, WherryThisDevice, editor);
  gtk_widget_class_bind_template_child (widget_class, WherryThisDevice, new_name);
  gtk_widget_class_bind_template_child (widget_class, WherryThisDevice, apply);
  gtk_widget_class_bind_template_child (widget_class, WherryThisDevice, visible);
  gtk_widget_class_bind_template_callback (widget_class, editor_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, apply_cb);
}

static void
wherry_this_device_init (WherryThisDevice *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
wherry_this_device_set_client (WherryThisDevice *self, WherryClient *client)
{
  g_return_if_fail (WHERRY_IS_THIS_DEVICE (self));
  g_return_if_fail (!self->client && WHERRY_IS_CLIENT (client));

  self->client = g_object_ref (client);
  g_object_bind_property (client, "visible", self->visible, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_signal_connect_object (client, "notify::visible", G_CALLBACK (update_visibility), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "notify::name", G_CALLBACK (update_name), self,
                           G_CONNECT_SWAPPED);
  update_visibility (self);
  update_name (self);
}
