/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/add_device_dialog.h"

#include <glib/gi18n-lib.h>

#include "ui/enter_code.h"
#include "ui/pairing_phrases.h"
#include "ui/show_code.h"

/* As a bottom sheet the dialog opens only in a later frame, and moves the focus on from wherever it
 * is. */
#define FRAMES_UNTIL_OPEN 3

struct _WherryAddDeviceDialog
{
  AdwDialog parent_instance;

  AdwToastOverlay *toasts;
  GtkWidget *switcher;
  GtkStack *pages;
  AdwViewStack *ways;
  WherryShowCode *show_code;
  WherryEnterCode *enter_code;
  AdwStatusPage *progress;
  AdwStatusPage *confirm;
  GtkWidget *decline;
  AdwStatusPage *success;
  GtkWidget *done;
  AdwStatusPage *failure;
  GtkWidget *retry;

  WherryClient *client;        /* (owned) */
  WherryPairingSession *host;  /* (owned) (nullable) the code that we show */
  WherryPairingSession *join;  /* (owned) (nullable) the code that we entered */
  GSignalGroup *host_signals;  /* (owned) */
  GSignalGroup *join_signals;  /* (owned) */
  WherryDevice *paired_device; /* (owned) (nullable) */
  char *asked;  /* (owned) (nullable) the name of the device whose code was entered */
  guint frames; /* since it was presented */
};

enum
{
  SIGNAL_PAIRED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WherryAddDeviceDialog, wherry_add_device_dialog, ADW_TYPE_DIALOG)

static void
show_page (WherryAddDeviceDialog *self, const char *name)
{
  gtk_stack_set_visible_child_name (self->pages, name);
}

/* The description of a status page is markup; names and errors are not. */
static void
describe (AdwStatusPage *page, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  adw_status_page_set_description (page, escaped);
}

static void
show_success (WherryAddDeviceDialog *self, WherryPairingSession *session)
{
  g_autofree char *title =
      g_strdup_printf (_ ("Paired with %s"), wherry_pairing_session_get_peer_name (session));
  g_set_object (&self->paired_device, wherry_pairing_session_get_device (session));
  adw_status_page_set_title (self->success, title);
  show_page (self, "success");
  gtk_widget_grab_focus (self->done);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), title, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
show_failure (WherryAddDeviceDialog *self, const char *title, const char *description)
{
  adw_status_page_set_title (self->failure, title);
  describe (self->failure, description);
  show_page (self, "failure");
  gtk_widget_grab_focus (self->retry);
}

static void
show_reason (WherryAddDeviceDialog *self, WherryPairingSession *session)
{
  PairingReason reason = wherry_pairing_session_get_reason (session);
  if (reason == PAIRING_REASON_NO_CODE)
    {
      g_autofree char *title = no_code_title (self->asked);
      g_autofree char *advice = no_code_advice (self->asked);
      show_failure (self, title, advice);
    }
  else
    show_failure (self, pairing_reason_title (reason), pairing_reason_advice (reason));
}

static void
set_host (WherryAddDeviceDialog *self, WherryPairingSession *session)
{
  g_signal_group_set_target (self->host_signals, session);
  if (self->host && !session)
    wherry_pairing_session_cancel (self->host);
  g_set_object (&self->host, session);
  wherry_show_code_set_session (self->show_code, session);
}

static void
set_join (WherryAddDeviceDialog *self, WherryPairingSession *session)
{
  g_signal_group_set_target (self->join_signals, session);
  if (self->join && !session)
    wherry_pairing_session_cancel (self->join);
  g_set_object (&self->join, session);
}

static void
start_hosting (WherryAddDeviceDialog *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryPairingSession) session = wherry_client_host_pairing (self->client, &error);
  if (!session)
    {
      show_failure (self, _ ("No Code to Show"), error->message);
      return;
    }
  set_host (self, session);
}

static void
ask_to_confirm (WherryAddDeviceDialog *self)
{
  g_autofree char *title =
      g_strdup_printf (_ ("Pair with %s?"), wherry_pairing_session_get_peer_name (self->host));
  adw_status_page_set_title (self->confirm, title);
  show_page (self, "confirm");
  gtk_widget_grab_focus (self->decline);
}

static void
host_phase_cb (WherryAddDeviceDialog *self)
{
  switch (wherry_pairing_session_get_phase (self->host))
    {
    case PAIRING_WAITING:
    case PAIRING_CONNECTING:
    case PAIRING_EXCHANGING:
      if (!self->join)
        show_page (self, "ways");
      break;
    case PAIRING_CONFIRMING:
      ask_to_confirm (self);
      break;
    case PAIRING_DONE:
      show_success (self, self->host);
      break;
    case PAIRING_FAILED:
      /* The person who declined need not be told. */
      if (wherry_pairing_session_get_reason (self->host) == PAIRING_REASON_DECLINED_HERE)
        adw_dialog_close (ADW_DIALOG (self));
      else
        show_reason (self, self->host);
      break;
    }
}

static void
show_progress (WherryAddDeviceDialog *self)
{
  const char *peer = wherry_pairing_session_get_peer_name (self->join);
  gboolean exchanging = wherry_pairing_session_get_phase (self->join) == PAIRING_EXCHANGING;
  adw_status_page_set_title (self->progress,
                             exchanging ? _ ("Checking the Code") : _ ("Connecting"));
  describe (self->progress, peer ? peer : "");
  show_page (self, "progress");
}

/* A wrong code with guesses left goes back to where it was entered, with everything still there to
 * be mended. */
static void
join_failed (WherryAddDeviceDialog *self)
{
  int attempts_left = wherry_pairing_session_get_attempts_left (self->join);
  if (wherry_pairing_session_get_reason (self->join) != PAIRING_REASON_WRONG_CODE ||
      attempts_left < 1)
    {
      show_reason (self, self->join);
      return;
    }

  g_autofree char *sentence = g_strdup_printf (
      g_dngettext (
          GETTEXT_PACKAGE, "The other device shows different words. Compare them; %d attempt left.",
          "The other device shows different words. Compare them; %d attempts left.", attempts_left),
      attempts_left);
  show_page (self, "ways");
  wherry_enter_code_set_problem (self->enter_code, sentence);
  gtk_widget_grab_focus (wherry_enter_code_get_first (self->enter_code));
}

static void
join_phase_cb (WherryAddDeviceDialog *self)
{
  switch (wherry_pairing_session_get_phase (self->join))
    {
    case PAIRING_WAITING:
    case PAIRING_CONNECTING:
    case PAIRING_EXCHANGING:
    case PAIRING_CONFIRMING:
      show_progress (self);
      break;
    case PAIRING_DONE:
      show_success (self, self->join);
      break;
    case PAIRING_FAILED:
      join_failed (self);
      break;
    }
}

static void
join_cb (WherryAddDeviceDialog *self, const char *code, WherryDevice *device, GPtrArray *addresses)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryPairingSession) session =
      wherry_client_join_pairing (self->client, code, device, addresses, &error);

  if (!session)
    {
      wherry_enter_code_set_problem (self->enter_code, error->message);
      return;
    }
  g_set_str (&self->asked, device ? wherry_device_get_name (device) : NULL);
  set_host (self, NULL);
  set_join (self, session);
  join_phase_cb (self);
}

static void
cancel_join_cb (WherryAddDeviceDialog *self)
{
  set_join (self, NULL);
  show_page (self, "ways");
}

static void
decline_cb (WherryAddDeviceDialog *self)
{
  wherry_pairing_session_confirm (self->host, FALSE);
}

static void
accept_cb (WherryAddDeviceDialog *self)
{
  wherry_pairing_session_confirm (self->host, TRUE);
}

static void
retry_cb (WherryAddDeviceDialog *self)
{
  set_join (self, NULL);
  set_host (self, NULL);
  show_page (self, "ways");
  if (g_str_equal (adw_view_stack_get_visible_child_name (self->ways), "show"))
    start_hosting (self);
}

static void
done_cb (WherryAddDeviceDialog *self)
{
  g_autoptr (WherryDevice) device = g_steal_pointer (&self->paired_device);
  if (device)
    g_signal_emit (self, signals[SIGNAL_PAIRED], 0, device);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
copied_cb (WherryAddDeviceDialog *self)
{
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_ ("Link copied")));
}

static void
page_changed_cb (WherryAddDeviceDialog *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->pages);
  gtk_widget_set_visible (self->switcher, g_strcmp0 (name, "ways") == 0);
}

static void
way_changed_cb (WherryAddDeviceDialog *self)
{
  gboolean entering = g_strcmp0 (adw_view_stack_get_visible_child_name (self->ways), "enter") == 0;
  if (entering)
    gtk_widget_grab_focus (wherry_enter_code_get_first (self->enter_code));
  else if (!self->host)
    start_hosting (self);
}

/* Not before it is seen: a dialog that opens at Enter a Code need not announce a code of its
 * own. */
static void
wherry_add_device_dialog_map (GtkWidget *widget)
{
  WherryAddDeviceDialog *self = WHERRY_ADD_DEVICE_DIALOG (widget);
  GTK_WIDGET_CLASS (wherry_add_device_dialog_parent_class)->map (widget);
  g_signal_handlers_disconnect_by_func (self->ways, way_changed_cb, self);
  g_signal_connect_object (self->ways, "notify::visible-child-name", G_CALLBACK (way_changed_cb),
                           self, G_CONNECT_SWAPPED);
  if (!self->host && g_str_equal (adw_view_stack_get_visible_child_name (self->ways), "show"))
    start_hosting (self);
}

static void
wherry_add_device_dialog_closed (AdwDialog *dialog)
{
  WherryAddDeviceDialog *self = WHERRY_ADD_DEVICE_DIALOG (dialog);
  set_join (self, NULL);
  set_host (self, NULL);
}

static void
wherry_add_device_dialog_dispose (GObject *object)
{
  WherryAddDeviceDialog *self = WHERRY_ADD_DEVICE_DIALOG (object);
  g_clear_object (&self->host_signals);
  g_clear_object (&self->join_signals);
  g_clear_object (&self->host);
  g_clear_object (&self->join);
  g_clear_object (&self->paired_device);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (wherry_add_device_dialog_parent_class)->dispose (object);
}

static void
wherry_add_device_dialog_finalize (GObject *object)
{
  g_free (WHERRY_ADD_DEVICE_DIALOG (object)->asked);
  G_OBJECT_CLASS (wherry_add_device_dialog_parent_class)->finalize (object);
}

static void
wherry_add_device_dialog_class_init (WherryAddDeviceDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_add_device_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = wherry_add_device_dialog_finalize;
  widget_class->map = wherry_add_device_dialog_map;
  ADW_DIALOG_CLASS (klass)->closed = wherry_add_device_dialog_closed;

  signals[SIGNAL_PAIRED] = g_signal_new ("paired", WHERRY_TYPE_ADD_DEVICE_DIALOG, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 1, WHERRY_TYPE_DEVICE);

  g_type_ensure (WHERRY_TYPE_SHOW_CODE);
  g_type_ensure (WHERRY_TYPE_ENTER_CODE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/add_device_dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, switcher);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, ways);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, show_code);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, enter_code);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, confirm);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, decline);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, success);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, done);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, failure);
  gtk_widget_class_bind_template_child (widget_class, WherryAddDeviceDialog, retry);
  gtk_widget_class_bind_template_callback (widget_class, copied_cb);
  gtk_widget_class_bind_template_callback (widget_class, join_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_join_cb);
  gtk_widget_class_bind_template_callback (widget_class, decline_cb);
  gtk_widget_class_bind_template_callback (widget_class, accept_cb);
  gtk_widget_class_bind_template_callback (widget_class, done_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);
}

static void
wherry_add_device_dialog_init (WherryAddDeviceDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  g_autoptr (AdwSpinnerPaintable) spinner = adw_spinner_paintable_new (GTK_WIDGET (self->progress));
  adw_status_page_set_paintable (self->progress, GDK_PAINTABLE (spinner));

  self->host_signals = g_signal_group_new (WHERRY_TYPE_PAIRING_SESSION);
  g_signal_group_connect_swapped (self->host_signals, "notify::phase", G_CALLBACK (host_phase_cb),
                                  self);
  self->join_signals = g_signal_group_new (WHERRY_TYPE_PAIRING_SESSION);
  g_signal_group_connect_swapped (self->join_signals, "notify::phase", G_CALLBACK (join_phase_cb),
                                  self);
  g_signal_group_connect_swapped (self->join_signals, "notify::peer-name",
                                  G_CALLBACK (join_phase_cb), self);
}

WherryAddDeviceDialog *
wherry_add_device_dialog_new (WherryClient *client, GListModel *nearby)
{
  g_return_val_if_fail (WHERRY_IS_CLIENT (client), NULL);

  WherryAddDeviceDialog *self = g_object_new (WHERRY_TYPE_ADD_DEVICE_DIALOG, NULL);

  self->client = g_object_ref (client);
  wherry_enter_code_set_nearby (self->enter_code, nearby);
  return self;
}

void
wherry_add_device_dialog_enter_code (WherryAddDeviceDialog *self, WherryDevice *device)
{
  g_return_if_fail (WHERRY_IS_ADD_DEVICE_DIALOG (self));
  wherry_enter_code_set_device (self->enter_code, device);
  adw_view_stack_set_visible_child_name (self->ways, "enter");
}

void
wherry_add_device_dialog_enter_address (WherryAddDeviceDialog *self)
{
  g_return_if_fail (WHERRY_IS_ADD_DEVICE_DIALOG (self));
  wherry_enter_code_expect_address (self->enter_code);
  adw_view_stack_set_visible_child_name (self->ways, "enter");
}

void
wherry_add_device_dialog_enter_link (WherryAddDeviceDialog *self, const char *link)
{
  g_return_if_fail (WHERRY_IS_ADD_DEVICE_DIALOG (self));
  wherry_enter_code_set_link (self->enter_code, link);
  adw_view_stack_set_visible_child_name (self->ways, "enter");
}

static gboolean
focus_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  WherryAddDeviceDialog *self = WHERRY_ADD_DEVICE_DIALOG (widget);
  if (self->frames++ < FRAMES_UNTIL_OPEN)
    return G_SOURCE_CONTINUE;
  gtk_widget_grab_focus (wherry_enter_code_get_first (self->enter_code));
  return G_SOURCE_REMOVE;
}

void
wherry_add_device_dialog_present (WherryAddDeviceDialog *self, GtkWidget *parent)
{
  g_return_if_fail (WHERRY_IS_ADD_DEVICE_DIALOG (self));
  adw_dialog_present (ADW_DIALOG (self), parent);

  if (g_str_equal (adw_view_stack_get_visible_child_name (self->ways), "enter"))
    gtk_widget_add_tick_callback (GTK_WIDGET (self), focus_cb, NULL, NULL);
}
