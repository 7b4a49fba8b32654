/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/device_row.h"

#include <glib/gi18n-lib.h>

#include "ui/device_phrases.h"
#include "ui/dropped_files.h"
#include "ui/transfer_list.h"
#include "ui/transfer_phrases.h"

/* "seen 5 minutes ago" must not stand still. */
#define AGE_REFRESH_S 30

struct _WherryDeviceRow
{
  GtkListBoxRow parent_instance;

  GtkImage *icon;
  GtkLabel *state;
  GtkProgressBar *progress;
  GtkWidget *pair;
  GtkWidget *offer_badge;
  GtkDropTarget *drop;

  WherryDevice *device;          /* (owned) */
  GListModel *transfers;         /* (owned) WherryTransfer with this device */
  GSignalGroup *current_signals; /* (owned) on the transfer that the row tells about */
  guint age_source;
};

typedef enum
{
  PROP_DEVICE = 1,
} WherryDeviceRowProperty;

static GParamSpec *properties[PROP_DEVICE + 1];

enum
{
  SIGNAL_PAIR,
  SIGNAL_SEND,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WherryDeviceRow, wherry_device_row, GTK_TYPE_LIST_BOX_ROW)

static void
update_words (WherryDeviceRow *self, WherryTransfer *current)
{
  g_autofree char *words = current
                               ? activity_phrase (current)
                               : device_phrase (self->device, g_get_real_time () / G_USEC_PER_SEC);
  gtk_label_set_label (self->state, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  wherry_device_get_name (self->device),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
}

static void
update_progress (WherryDeviceRow *self, WherryTransfer *current)
{
  gboolean active = current && wherry_transfer_get_state (current) == TRANSFER_ACTIVE;
  gboolean offer = current && wherry_transfer_get_state (current) == TRANSFER_OFFERED &&
                   wherry_transfer_get_direction (current) == TRANSFER_RECEIVING;
  double fraction = 0;
  if (active)
    g_object_get (current, "fraction", &fraction, NULL);
  gtk_progress_bar_set_fraction (self->progress, fraction);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), active);
  gtk_widget_set_visible (self->offer_badge, offer);
}

static void
update (WherryDeviceRow *self)
{
  WherryTransfer *current = transfer_list_get_current (self->transfers);
  gboolean paired = wherry_device_get_paired (self->device);
  g_signal_group_set_target (self->current_signals, current);
  update_words (self, current);
  update_progress (self, current);

  gtk_image_set_from_icon_name (self->icon,
                                device_icon_name (wherry_device_get_device_type (self->device)));
  gtk_widget_set_visible (self->pair, !paired);

  gsize n_types;
  const GType *types = dropped_types (&n_types);
  gtk_drop_target_set_gtypes (self->drop, (GType *) types, paired ? n_types : 0);
}

static gboolean
age_cb (gpointer user_data)
{
  update (user_data);
  return G_SOURCE_CONTINUE;
}

static void
pair_cb (WherryDeviceRow *self)
{
  g_signal_emit (self, signals[SIGNAL_PAIR], 0);
}

static gboolean
drop_cb (WherryDeviceRow *self, const GValue *value)
{
  LeftOut left_out;
  g_autoptr (GPtrArray) files = dropped_files (value, &left_out);
  tell_left_out (GTK_WIDGET (self), files, &left_out);
  if (files->len == 0)
    return FALSE;
  g_signal_emit (self, signals[SIGNAL_SEND], 0, files);
  return TRUE;
}

static void
wherry_device_row_map (GtkWidget *widget)
{
  WherryDeviceRow *self = WHERRY_DEVICE_ROW (widget);
  GTK_WIDGET_CLASS (wherry_device_row_parent_class)->map (widget);
  update (self);
  self->age_source = g_timeout_add_seconds (AGE_REFRESH_S, age_cb, self);
}

static void
wherry_device_row_unmap (GtkWidget *widget)
{
  WherryDeviceRow *self = WHERRY_DEVICE_ROW (widget);
  g_clear_handle_id (&self->age_source, g_source_remove);
  GTK_WIDGET_CLASS (wherry_device_row_parent_class)->unmap (widget);
}

static void
wherry_device_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  WherryDeviceRow *self = WHERRY_DEVICE_ROW (object);
  switch ((WherryDeviceRowProperty) prop_id)
    {
    case PROP_DEVICE:
      g_value_set_object (value, self->device);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wherry_device_row_set_property (GObject *object, guint prop_id, const GValue *value,
                                GParamSpec *pspec)
{
  WherryDeviceRow *self = WHERRY_DEVICE_ROW (object);
  switch ((WherryDeviceRowProperty) prop_id)
    {
    case PROP_DEVICE:
      self->device = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wherry_device_row_dispose (GObject *object)
{
  WherryDeviceRow *self = WHERRY_DEVICE_ROW (object);
  g_clear_handle_id (&self->age_source, g_source_remove);
  g_clear_object (&self->current_signals);
  g_clear_object (&self->transfers);
  gtk_widget_dispose_template (GTK_WIDGET (self), WHERRY_TYPE_DEVICE_ROW);
  g_clear_object (&self->device);
  G_OBJECT_CLASS (wherry_device_row_parent_class)->dispose (object);
}

static void
wherry_device_row_class_init (WherryDeviceRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  object_class->get_property = wherry_device_row_get_property;
  object_class->set_property = wherry_device_row_set_property;
  object_class->dispose = wherry_device_row_dispose;
  widget_class->map = wherry_device_row_map;
  widget_class->unmap = wherry_device_row_unmap;

  properties[PROP_DEVICE] =
      g_param_spec_object ("device", NULL, NULL, WHERRY_TYPE_DEVICE,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_PAIR] = g_signal_new ("pair", WHERRY_TYPE_DEVICE_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SEND] = g_signal_new ("send", WHERRY_TYPE_DEVICE_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/device_row.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryDeviceRow, icon);
  gtk_widget_class_bind_template_child (widget_class, WherryDeviceRow, state);
  gtk_widget_class_bind_template_child (widget_class, WherryDeviceRow, progress);
  gtk_widget_class_bind_template_child (widget_class, WherryDeviceRow, pair);
  gtk_widget_class_bind_template_child (widget_class, WherryDeviceRow, offer_badge);
  gtk_widget_class_bind_template_child (widget_class, WherryDeviceRow, drop);
  gtk_widget_class_bind_template_callback (widget_class, pair_cb);
  gtk_widget_class_bind_template_callback (widget_class, drop_cb);
}

static void
wherry_device_row_init (WherryDeviceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->current_signals = g_signal_group_new (WHERRY_TYPE_TRANSFER);
  g_signal_group_connect_swapped (self->current_signals, "notify", G_CALLBACK (update), self);
}

GtkWidget *
wherry_device_row_new (WherryDevice *device, GListModel *transfers)
{
  WherryDeviceRow *self = g_object_new (WHERRY_TYPE_DEVICE_ROW, "device", device, NULL);
  self->transfers = transfer_list_with_device (transfers, device);
  g_signal_connect_object (self->transfers, "items-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (device, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

WherryDevice *
wherry_device_row_get_device (WherryDeviceRow *self)
{
  g_return_val_if_fail (WHERRY_IS_DEVICE_ROW (self), NULL);
  return self->device;
}
