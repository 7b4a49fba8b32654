/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/transfer_row.h"

#include <glib/gi18n-lib.h>

#include "ui/open_folder.h"
#include "ui/transfer_phrases.h"

struct _WherryTransferRow
{
  GtkListBoxRow parent_instance;

  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *status;
  GtkLabel *where;
  GtkToggleButton *details;
  GtkLabel *notes;
  GtkProgressBar *progress;
  GtkWidget *cancel;
  GtkWidget *open_folder;
  GtkWidget *again;
  GtkWidget *answers;

  WherryTransfer *transfer; /* (owned) */
};

enum
{
  SIGNAL_SEND_AGAIN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WherryTransferRow, wherry_transfer_row, GTK_TYPE_LIST_BOX_ROW)

static gboolean
is_offer (WherryTransfer *transfer)
{
  return wherry_transfer_get_state (transfer) == TRANSFER_OFFERED &&
         wherry_transfer_get_direction (transfer) == TRANSFER_RECEIVING;
}

static void
update_words (WherryTransferRow *self)
{
  gboolean offer = is_offer (self->transfer);
  g_autofree char *offer_title = offer ? offer_phrase (self->transfer) : NULL;
  g_autofree char *status = transfer_phrase (self->transfer);
  const char *title = offer ? offer_title : wherry_transfer_get_title (self->transfer);
  gtk_label_set_label (self->title, title);
  gtk_label_set_wrap (self->title, offer);
  gtk_label_set_ellipsize (self->title, offer ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_label (self->status, status);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), offer ? NULL : title);
  if (offer)
    {
      g_autofree char *destination = destination_phrase (self->transfer);
      gtk_label_set_label (self->where, destination);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->where), offer);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, status, -1);
}

static void
update_icon (WherryTransferRow *self)
{
  static const char *const looks[] = { "success", "warning", "error", "dimmed", NULL };
  TransferState state = wherry_transfer_get_state (self->transfer);
  gtk_image_set_from_icon_name (self->icon, transfer_icon_name (self->transfer));
  for (const char *const *look = looks; *look; look++)
    gtk_widget_remove_css_class (GTK_WIDGET (self->icon), *look);
  if (state == TRANSFER_DONE)
    gtk_widget_add_css_class (GTK_WIDGET (self->icon),
                              transfer_is_partial (self->transfer) ? "warning" : "success");
  else if (state == TRANSFER_FAILED || state == TRANSFER_INTERRUPTED)
    gtk_widget_add_css_class (GTK_WIDGET (self->icon), "error");
  else if (transfer_state_is_final (state))
    gtk_widget_add_css_class (GTK_WIDGET (self->icon), "dimmed");
}

static void
update_buttons (WherryTransferRow *self)
{
  TransferState state = wherry_transfer_get_state (self->transfer);
  gboolean sending = wherry_transfer_get_direction (self->transfer) == TRANSFER_SENDING;
  gboolean final = transfer_state_is_final (state);
  gboolean offer = is_offer (self->transfer);
  gtk_widget_set_visible (self->answers, offer);
  gtk_widget_set_visible (self->cancel, !final && !offer);
  gtk_widget_set_visible (self->open_folder, !sending && state == TRANSFER_DONE);
  gtk_widget_set_visible (self->again, sending && final);

  const char *again = state == TRANSFER_DONE ? _ ("Send Again") : _ ("Retry");
  gtk_widget_set_tooltip_text (self->again, again);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->again), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  again, -1);
}

static void
update_progress (WherryTransferRow *self)
{
  TransferState state = wherry_transfer_get_state (self->transfer);
  double fraction = 0;
  g_object_get (self->transfer, "fraction", &fraction, NULL);
  gtk_progress_bar_set_fraction (self->progress, fraction);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), state == TRANSFER_ACTIVE);
}

/* What was left out, and why: once it is all known, unless the status says as much. */
static void
update_details (WherryTransferRow *self)
{
  const char *const *notes = wherry_transfer_get_notes (self->transfer);
  const char *message = wherry_transfer_get_message (self->transfer);
  bool more = notes[0] && (notes[1] || g_strcmp0 (notes[0], message) != 0);
  more = more && transfer_state_is_final (wherry_transfer_get_state (self->transfer));
  gtk_widget_set_visible (GTK_WIDGET (self->details), more);
  if (more)
    {
      g_autofree char *text = g_strjoinv ("\n", (char **) notes);
      gtk_label_set_label (self->notes, text);
    }
}

static void
update (WherryTransferRow *self)
{
  update_details (self);
  update_words (self);
  update_icon (self);
  update_buttons (self);
  update_progress (self);
}

static void
state_cb (WherryTransferRow *self)
{
  if (transfer_state_is_final (wherry_transfer_get_state (self->transfer)))
    gtk_accessible_announce (GTK_ACCESSIBLE (self), gtk_label_get_label (self->status),
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_LOW);
}

static void
copy_details_cb (WherryTransferRow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_label (self->notes));
}

static void
cancel_cb (WherryTransferRow *self)
{
  wherry_transfer_cancel (self->transfer);
}

static void
accept_cb (WherryTransferRow *self)
{
  if (wherry_transfer_get_destination (self->transfer))
    wherry_transfer_accept (self->transfer, NULL);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.accept", "s",
                                wherry_transfer_get_id (self->transfer));
}

static void
decline_cb (WherryTransferRow *self)
{
  wherry_transfer_decline (self->transfer);
}

static void
again_cb (WherryTransferRow *self)
{
  g_signal_emit (self, signals[SIGNAL_SEND_AGAIN], 0, wherry_transfer_get_sources (self->transfer));
}

static void
open_folder_cb (WherryTransferRow *self)
{
  open_folder_of_transfer (GTK_WIDGET (self), self->transfer);
}

static void
folder_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WherryTransfer) transfer = user_data;
  g_autoptr (GFile) folder =
      gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, NULL);

  /* The offer may have gone while the person was choosing. */
  if (folder && is_offer (transfer))
    wherry_transfer_accept (transfer, folder);
}

static void
save_to_cb (WherryTransferRow *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  gtk_file_dialog_set_title (dialog, _ ("Save To"));
  gtk_file_dialog_set_accept_label (dialog, _ ("_Save Here"));
  gtk_file_dialog_set_initial_folder (dialog, wherry_transfer_get_destination (self->transfer));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), NULL,
                                 folder_chosen_cb, g_object_ref (self->transfer));
}

static void
wherry_transfer_row_dispose (GObject *object)
{
  WherryTransferRow *self = WHERRY_TRANSFER_ROW (object);
  gtk_widget_dispose_template (GTK_WIDGET (self), WHERRY_TYPE_TRANSFER_ROW);
  g_clear_object (&self->transfer);
  G_OBJECT_CLASS (wherry_transfer_row_parent_class)->dispose (object);
}

static void
wherry_transfer_row_class_init (WherryTransferRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_transfer_row_dispose;
  signals[SIGNAL_SEND_AGAIN] =
      g_signal_new ("send-again", WHERRY_TYPE_TRANSFER_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/transfer_row.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, icon);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, title);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, status);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, where);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, details);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, notes);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, progress);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, cancel);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, open_folder);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, again);
  gtk_widget_class_bind_template_child (widget_class, WherryTransferRow, answers);
  gtk_widget_class_bind_template_callback (widget_class, copy_details_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, accept_cb);
  gtk_widget_class_bind_template_callback (widget_class, decline_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_to_cb);
  gtk_widget_class_bind_template_callback (widget_class, again_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_folder_cb);
}

static void
wherry_transfer_row_init (WherryTransferRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
wherry_transfer_row_new (WherryTransfer *transfer)
{
  WherryTransferRow *self = g_object_new (WHERRY_TYPE_TRANSFER_ROW, NULL);
  self->transfer = g_object_ref (transfer);
  g_signal_connect_object (transfer, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (transfer, "notify::state", G_CALLBACK (state_cb), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
