/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/show_code.h"

#include <glib/gi18n-lib.h>

#include "net/client.h"
#include "ui/pairing_phrases.h"
#include "ui/qr_code.h"

struct _WherryShowCode
{
  AdwBin parent_instance;

  GtkPicture *qr;
  GtkLabel *words;
  GtkLabel *status;

  WherryPairingSession *session; /* (owned) (nullable) */
  GSignalGroup *session_signals; /* (owned) */
};

enum
{
  SIGNAL_COPIED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WherryShowCode, wherry_show_code, ADW_TYPE_BIN)

static char *
status_of_session (WherryPairingSession *session)
{
  int attempts_left = wherry_pairing_session_get_attempts_left (session);
  g_autofree char *time_left = countdown_phrase (wherry_pairing_session_get_seconds_left (session));
  g_autofree char *attempts = attempts_phrase (attempts_left);
  if (wherry_pairing_session_get_phase (session) == PAIRING_EXCHANGING)
    return g_strdup (_ ("Checking the code…"));
  if (attempts_left < WHERRY_CODE_GUESSES)
    return g_strdup_printf (_ ("A wrong code was entered, %s\n%s remaining"), attempts, time_left);
  return g_strdup_printf (_ ("%s remaining"), time_left);
}

static void
update_status (WherryShowCode *self)
{
  g_autofree char *status = status_of_session (self->session);
  gtk_label_set_label (self->status, status);
}

static void
copy_link_cb (WherryShowCode *self)
{
  if (!self->session)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          wherry_pairing_session_get_link (self->session));
  g_signal_emit (self, signals[SIGNAL_COPIED], 0);
}

static void
wherry_show_code_dispose (GObject *object)
{
  WherryShowCode *self = WHERRY_SHOW_CODE (object);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (wherry_show_code_parent_class)->dispose (object);
}

static void
wherry_show_code_class_init (WherryShowCodeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_show_code_dispose;
  signals[SIGNAL_COPIED] = g_signal_new ("copied", WHERRY_TYPE_SHOW_CODE, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/show_code.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryShowCode, qr);
  gtk_widget_class_bind_template_child (widget_class, WherryShowCode, words);
  gtk_widget_class_bind_template_child (widget_class, WherryShowCode, status);
  gtk_widget_class_bind_template_callback (widget_class, copy_link_cb);
}

static void
wherry_show_code_init (WherryShowCode *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->session_signals = g_signal_group_new (WHERRY_TYPE_PAIRING_SESSION);
  for (const char *const *detail =
           (const char *const[]) { "notify::seconds-left", "notify::attempts-left", "notify::phase",
                                   NULL };
       *detail; detail++)
    g_signal_group_connect_swapped (self->session_signals, *detail, G_CALLBACK (update_status),
                                    self);
}

void
wherry_show_code_set_session (WherryShowCode *self, WherryPairingSession *session)
{
  g_return_if_fail (WHERRY_IS_SHOW_CODE (self));
  if (!g_set_object (&self->session, session))
    return;

  g_signal_group_set_target (self->session_signals, session);
  gtk_picture_set_paintable (self->qr, NULL);
  gtk_label_set_label (self->words, "");
  gtk_label_set_label (self->status, "");
  if (!session)
    return;

  g_autoptr (WherryQrCode) qr = wherry_qr_code_new (wherry_pairing_session_get_link (session));
  gtk_picture_set_paintable (self->qr, GDK_PAINTABLE (qr));
  g_auto (GStrv) words = g_strsplit (wherry_pairing_session_get_words (session), "-", -1);
  g_autofree char *spaced = g_strjoinv (" ", words);
  gtk_label_set_label (self->words, spaced);
  update_status (self);
}
