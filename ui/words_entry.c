/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/words_entry.h"

#include <glib/gi18n-lib.h>

#include "net/client.h"

#define SUGGESTIONS_MAX 4

struct _WherryWordsEntry
{
  GtkBox parent_instance;

  GtkEntry *entries[WHERRY_CODE_WORDS];
  GtkStack *hints;
  AdwWrapBox *suggestions;
  GtkLabel *problem;

  GtkEntry *edited; /* the last one, which the suggestions are for */
  gboolean complete;
  gboolean distributing; /* entries are being filled by us */
};

typedef enum
{
  PROP_COMPLETE = 1,
} WherryWordsEntryProperty;

static GParamSpec *properties[PROP_COMPLETE + 1];

enum
{
  SIGNAL_ACTIVATE,
  SIGNAL_LINK,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WherryWordsEntry, wherry_words_entry, GTK_TYPE_BOX)

static const char *
entry_text (GtkEntry *entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

static int
entry_index (WherryWordsEntry *self, GtkEntry *entry)
{
  for (int i = 0; i < WHERRY_CODE_WORDS; i++)
    if (self->entries[i] == entry)
      return i;
  g_assert_not_reached ();
}

/* The word that @text stands for: itself, or the only one it begins; NULL when there is none. */
static const char *
word_of_text (const char *text)
{
  size_t n_words;
  const char *const *words = wherry_code_complete_word (text, &n_words);
  if (*text == '\0' || !words)
    return NULL;
  if (n_words == 1 || g_ascii_strcasecmp (words[0], text) == 0)
    return words[0];
  return NULL;
}

static void
show_problem (WherryWordsEntry *self, const char *sentence)
{
  gboolean changed = g_strcmp0 (gtk_label_get_label (self->problem), sentence) != 0;
  gtk_label_set_label (self->problem, sentence);
  gtk_stack_set_visible_child_name (self->hints, "problem");
  if (changed)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), sentence,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
clear_problem (WherryWordsEntry *self)
{
  gtk_label_set_label (self->problem, "");
  gtk_stack_set_visible_child_name (self->hints, "suggestions");
}

static void
mark_unknown_words (WherryWordsEntry *self)
{
  g_autofree char *sentence = NULL;
  for (int i = 0; i < WHERRY_CODE_WORDS; i++)
    {
      const char *text = entry_text (self->entries[i]);
      size_t n_words;
      gboolean unknown = *text != '\0' && !wherry_code_complete_word (text, &n_words);
      if (unknown)
        gtk_widget_add_css_class (GTK_WIDGET (self->entries[i]), "error");
      else
        gtk_widget_remove_css_class (GTK_WIDGET (self->entries[i]), "error");
      gtk_accessible_update_state (
          GTK_ACCESSIBLE (self->entries[i]), GTK_ACCESSIBLE_STATE_INVALID,
          unknown ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
      if (unknown && !sentence)
        sentence = wherry_code_explain_word (text);
    }

  if (sentence)
    show_problem (self, sentence);
  else
    clear_problem (self);
}

static void
go_on_from (WherryWordsEntry *self, int index)
{
  if (index + 1 < WHERRY_CODE_WORDS)
    gtk_widget_grab_focus (GTK_WIDGET (self->entries[index + 1]));
}

static void
suggestion_clicked_cb (WherryWordsEntry *self, GtkButton *button)
{
  GtkEntry *entry = self->edited;
  g_autofree char *word = g_strdup (gtk_button_get_label (button));
  gtk_editable_set_text (GTK_EDITABLE (entry), word);
  gtk_editable_set_position (GTK_EDITABLE (entry), -1);
  if (entry_index (self, entry) + 1 < WHERRY_CODE_WORDS)
    go_on_from (self, entry_index (self, entry));
  else
    gtk_widget_grab_focus (GTK_WIDGET (entry));
}

static void
update_suggestions (WherryWordsEntry *self)
{
  GtkWidget *old;
  while ((old = gtk_widget_get_first_child (GTK_WIDGET (self->suggestions))))
    adw_wrap_box_remove (self->suggestions, old);
  if (!self->edited)
    return;

  const char *text = entry_text (self->edited);
  size_t n_words = 0;
  const char *const *words = *text != '\0' ? wherry_code_complete_word (text, &n_words) : NULL;

  if (!words || (n_words == 1 && g_ascii_strcasecmp (words[0], text) == 0))
    return;

  for (size_t i = 0; i < MIN (n_words, SUGGESTIONS_MAX); i++)
    {
      GtkWidget *button = gtk_button_new_with_label (words[i]);
      gtk_widget_add_css_class (button, "suggestion");
      g_signal_connect_object (button, "clicked", G_CALLBACK (suggestion_clicked_cb), self,
                               G_CONNECT_SWAPPED);
      adw_wrap_box_append (self->suggestions, button);
    }
}

static void
update_complete (WherryWordsEntry *self)
{
  gboolean complete = TRUE;
  for (int i = 0; i < WHERRY_CODE_WORDS; i++)
    complete = complete && word_of_text (entry_text (self->entries[i]));

  if (complete == self->complete)
    return;
  self->complete = complete;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPLETE]);
}

/* "brave-lion-sunset" typed or pasted into one entry fills this one and those after it. */
static void
distribute (WherryWordsEntry *self, int first, const char *text)
{
  g_autofree char *letters = g_ascii_strdown (text, -1);
  g_strcanon (letters, "abcdefghijklmnopqrstuvwxyz", ' ');
  gboolean ended = g_str_has_suffix (letters, " ");
  g_auto (GStrv) words = g_strsplit (g_strstrip (letters), " ", -1);
  int last = first;

  self->distributing = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->entries[first]), "");
  for (int i = 0, at = first; words[i] && at < WHERRY_CODE_WORDS; i++)
    {
      if (*words[i] == '\0')
        continue;
      const char *word = words[i + 1] || ended ? word_of_text (words[i]) : NULL;
      gtk_editable_set_text (GTK_EDITABLE (self->entries[at]), word ? word : words[i]);
      gtk_editable_set_position (GTK_EDITABLE (self->entries[at]), -1);
      last = at++;
    }
  self->distributing = FALSE;
  self->edited = self->entries[last];

  if (*entry_text (self->entries[last]) != '\0' && ended)
    go_on_from (self, last);
  else if (last != first)
    gtk_widget_grab_focus (GTK_WIDGET (self->entries[last]));
}

static gboolean
is_one_word (const char *text)
{
  return text[strspn (text, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

static void
clear (WherryWordsEntry *self)
{
  g_return_if_fail (WHERRY_IS_WORDS_ENTRY (self));
  for (int i = 0; i < WHERRY_CODE_WORDS; i++)
    gtk_editable_set_text (GTK_EDITABLE (self->entries[i]), "");
}

static void
entry_changed_cb (WherryWordsEntry *self, GtkEntry *entry)
{
  if (self->distributing)
    return;

  g_autofree char *text = wherry_code_find (entry_text (entry));
  if (wherry_code_is_link (text))
    {
      clear (self);
      g_signal_emit (self, signals[SIGNAL_LINK], 0, text);
      return;
    }
  self->edited = entry;
  if (!is_one_word (text))
    distribute (self, entry_index (self, entry), text);

  mark_unknown_words (self);
  update_suggestions (self);
  update_complete (self);
}

static void
entry_activate_cb (WherryWordsEntry *self, GtkEntry *entry)
{
  int index = entry_index (self, entry);
  const char *word = word_of_text (entry_text (entry));
  if (word)
    gtk_editable_set_text (GTK_EDITABLE (entry), word);
  if (index + 1 < WHERRY_CODE_WORDS)
    go_on_from (self, index);
  else
    g_signal_emit (self, signals[SIGNAL_ACTIVATE], 0);
}

static void
wherry_words_entry_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  WherryWordsEntry *self = WHERRY_WORDS_ENTRY (object);
  switch ((WherryWordsEntryProperty) prop_id)
    {
    case PROP_COMPLETE:
      g_value_set_boolean (value, self->complete);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wherry_words_entry_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), WHERRY_TYPE_WORDS_ENTRY);
  G_OBJECT_CLASS (wherry_words_entry_parent_class)->dispose (object);
}

static void
wherry_words_entry_class_init (WherryWordsEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const names[WHERRY_CODE_WORDS] = { "first", "second", "third" };
  object_class->get_property = wherry_words_entry_get_property;
  object_class->dispose = wherry_words_entry_dispose;

  properties[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, FALSE,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_ACTIVATE] = g_signal_new ("activate", WHERRY_TYPE_WORDS_ENTRY, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LINK] = g_signal_new ("link", WHERRY_TYPE_WORDS_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/words_entry.ui");
  for (int i = 0; i < WHERRY_CODE_WORDS; i++)
    gtk_widget_class_bind_template_child_full (widget_class, names[i], FALSE,
                                               G_STRUCT_OFFSET (WherryWordsEntry, entries) +
                                                   i * sizeof (GtkEntry *));
  gtk_widget_class_bind_template_child (widget_class, WherryWordsEntry, hints);
  gtk_widget_class_bind_template_child (widget_class, WherryWordsEntry, suggestions);
  gtk_widget_class_bind_template_child (widget_class, WherryWordsEntry, problem);
  gtk_widget_class_bind_template_callback (widget_class, entry_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, entry_activate_cb);
}

static void
wherry_words_entry_init (WherryWordsEntry *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

gboolean
wherry_words_entry_get_complete (WherryWordsEntry *self)
{
  g_return_val_if_fail (WHERRY_IS_WORDS_ENTRY (self), FALSE);
  return self->complete;
}

char *
wherry_words_entry_dup_words (WherryWordsEntry *self)
{
  g_return_val_if_fail (WHERRY_IS_WORDS_ENTRY (self), NULL);
  if (!self->complete)
    return NULL;
  return g_strjoin ("-", word_of_text (entry_text (self->entries[0])),
                    word_of_text (entry_text (self->entries[1])),
                    word_of_text (entry_text (self->entries[2])), NULL);
}

GtkWidget *
wherry_words_entry_get_first (WherryWordsEntry *self)
{
  g_return_val_if_fail (WHERRY_IS_WORDS_ENTRY (self), NULL);
  return GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->entries[0])));
}

void
wherry_words_entry_set_problem (WherryWordsEntry *self, const char *sentence)
{
  g_return_if_fail (WHERRY_IS_WORDS_ENTRY (self));
  show_problem (self, sentence);
}
