/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/enter_code.h"

#include <glib/gi18n-lib.h>

#include "net/client.h"
#include "ui/words_entry.h"

struct _WherryEnterCode
{
  AdwBin parent_instance;

  WherryWordsEntry *words;
  AdwComboRow *device_row;
  AdwExpanderRow *other_ways;
  AdwEntryRow *address;
  AdwEntryRow *link;
  GtkWidget *pair;

  GtkWidget *first;   /* where the cursor should be first */
  GListModel *nearby; /* (owned) WherryDevice */
  /* WherryDevice (owned), in the order of device_row, which begins with "any" */
  GPtrArray *choices;
  DexFuture *resolving; /* (owned) (nullable) the address being looked up */
};

enum
{
  SIGNAL_JOIN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WherryEnterCode, wherry_enter_code, ADW_TYPE_BIN)

static const char *
row_text (AdwEntryRow *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static void
update_ready_cb (WherryEnterCode *self)
{
  gboolean by_link = *row_text (self->link) != '\0';
  gtk_widget_set_sensitive (GTK_WIDGET (self->words), !by_link);
  gtk_widget_set_sensitive (GTK_WIDGET (self->device_row),
                            !by_link && *row_text (self->address) == '\0');
  gtk_widget_set_sensitive (GTK_WIDGET (self->address), !by_link);
  gtk_widget_remove_css_class (GTK_WIDGET (self->link), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->address), "error");
  gtk_widget_set_sensitive (self->pair, by_link || wherry_words_entry_get_complete (self->words));
}

static WherryDevice *
selected_device (WherryEnterCode *self)
{
  guint selected = adw_combo_row_get_selected (self->device_row);
  if (selected == 0 || selected > self->choices->len)
    return NULL;
  return g_ptr_array_index (self->choices, selected - 1);
}

static void
select_device (WherryEnterCode *self, WherryDevice *device)
{
  guint index;
  if (device && g_ptr_array_find (self->choices, device, &index))
    adw_combo_row_set_selected (self->device_row, index + 1);
  else
    adw_combo_row_set_selected (self->device_row, 0);
}

static void
rebuild_choices (WherryEnterCode *self)
{
  WherryDevice *selected = selected_device (self);
  g_autoptr (WherryDevice) kept = selected ? g_object_ref (selected) : NULL;
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_ptr_array_set_size (self->choices, 0);
  gtk_string_list_append (names, _ ("Find Automatically"));
  for (guint i = 0; i < g_list_model_get_n_items (self->nearby); i++)
    {
      WherryDevice *device = g_list_model_get_item (self->nearby, i);
      g_ptr_array_add (self->choices, device);
      gtk_string_list_append (names, wherry_device_get_name (device));
    }
  adw_combo_row_set_model (self->device_row, G_LIST_MODEL (names));
  select_device (self, kept);
}

static void
emit_join (WherryEnterCode *self, const char *code, GPtrArray *addresses)
{
  WherryDevice *device = !addresses ? selected_device (self) : NULL;
  g_signal_emit (self, signals[SIGNAL_JOIN], 0, code, device, addresses);
}

static void
refuse_address (WherryEnterCode *self, const GError *error)
{
  gtk_widget_add_css_class (GTK_WIDGET (self->address), "error");
  if (g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_INVALID))
    {
      wherry_words_entry_set_problem (
          self->words,
          _ ("This is not an address. It looks like 192.168.1.20 or 192.168.1.20:11204."));
      return;
    }
  g_autofree char *sentence = g_strdup_printf (
      _ ("There is no device at “%s”. Check the address; the other device shows it in its "
         "network settings."),
      row_text (self->address));
  wherry_words_entry_set_problem (self->words, sentence);
}

static DexFuture *
address_resolved_cb (DexFuture *future, gpointer user_data)
{
  WherryEnterCode *self = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *addresses = dex_future_get_value (future, &error);
  g_autofree char *words = wherry_words_entry_dup_words (self->words);
  if (addresses && words)
    emit_join (self, words, g_value_get_boxed (addresses));
  else if (!addresses)
    refuse_address (self, error);
  return dex_ref (future);
}

static void
resolve_address (WherryEnterCode *self)
{
  dex_clear (&self->resolving);
  self->resolving = dex_future_finally (wherry_client_resolve_address (row_text (self->address)),
                                        address_resolved_cb, self, NULL);
}

static void
join_by_link (WherryEnterCode *self)
{
  g_autoptr (GError) error = NULL;
  char *link = wherry_code_find (row_text (self->link));
  bool valid = wherry_code_check_link (link, &error);
  if (valid)
    emit_join (self, link, NULL);
  wherry_code_free (link);
  if (valid)
    return;
  gtk_widget_add_css_class (GTK_WIDGET (self->link), "error");
  wherry_words_entry_set_problem (self->words, error->message);
}

static void
pair_cb (WherryEnterCode *self)
{
  g_autofree char *words = wherry_words_entry_dup_words (self->words);
  if (*row_text (self->link) != '\0')
    join_by_link (self);
  else if (!words)
    wherry_words_entry_set_problem (self->words, _ ("Enter all three words."));
  else if (*row_text (self->address) != '\0')
    resolve_address (self);
  else
    emit_join (self, words, NULL);
}

static void
link_pasted_cb (WherryEnterCode *self, const char *link)
{
  wherry_enter_code_set_link (self, link);
  gtk_widget_grab_focus (self->first);
}

static void
wherry_enter_code_dispose (GObject *object)
{
  WherryEnterCode *self = WHERRY_ENTER_CODE (object);
  dex_clear (&self->resolving);
  if (self->nearby)
    g_signal_handlers_disconnect_by_data (self->nearby, self);
  g_clear_object (&self->nearby);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  G_OBJECT_CLASS (wherry_enter_code_parent_class)->dispose (object);
}

static void
wherry_enter_code_class_init (WherryEnterCodeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_enter_code_dispose;
  signals[SIGNAL_JOIN] =
      g_signal_new ("join", WHERRY_TYPE_ENTER_CODE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 3, G_TYPE_STRING, WHERRY_TYPE_DEVICE, G_TYPE_PTR_ARRAY);

  g_type_ensure (WHERRY_TYPE_WORDS_ENTRY);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/enter_code.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryEnterCode, words);
  gtk_widget_class_bind_template_child (widget_class, WherryEnterCode, device_row);
  gtk_widget_class_bind_template_child (widget_class, WherryEnterCode, other_ways);
  gtk_widget_class_bind_template_child (widget_class, WherryEnterCode, address);
  gtk_widget_class_bind_template_child (widget_class, WherryEnterCode, link);
  gtk_widget_class_bind_template_child (widget_class, WherryEnterCode, pair);
  gtk_widget_class_bind_template_callback (widget_class, pair_cb);
  gtk_widget_class_bind_template_callback (widget_class, link_pasted_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_ready_cb);
}

static void
wherry_enter_code_init (WherryEnterCode *self)
{
  self->choices = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->first = wherry_words_entry_get_first (self->words);
}

void
wherry_enter_code_set_nearby (WherryEnterCode *self, GListModel *nearby)
{
  g_return_if_fail (WHERRY_IS_ENTER_CODE (self));
  g_return_if_fail (!self->nearby);

  self->nearby = g_object_ref (nearby);
  g_signal_connect_object (nearby, "items-changed", G_CALLBACK (rebuild_choices), self,
                           G_CONNECT_SWAPPED);
  rebuild_choices (self);
}

void
wherry_enter_code_set_device (WherryEnterCode *self, WherryDevice *device)
{
  g_return_if_fail (WHERRY_IS_ENTER_CODE (self));
  select_device (self, device);
}

void
wherry_enter_code_set_link (WherryEnterCode *self, const char *link)
{
  g_return_if_fail (WHERRY_IS_ENTER_CODE (self));
  adw_expander_row_set_expanded (self->other_ways, TRUE);
  gtk_editable_set_text (GTK_EDITABLE (self->link), link);
  self->first = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->link)));
}

GtkWidget *
wherry_enter_code_get_first (WherryEnterCode *self)
{
  g_return_val_if_fail (WHERRY_IS_ENTER_CODE (self), NULL);
  return self->first;
}

void
wherry_enter_code_expect_address (WherryEnterCode *self)
{
  g_return_if_fail (WHERRY_IS_ENTER_CODE (self));
  adw_expander_row_set_expanded (self->other_ways, TRUE);
  self->first = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->address)));
}

void
wherry_enter_code_set_problem (WherryEnterCode *self, const char *sentence)
{
  g_return_if_fail (WHERRY_IS_ENTER_CODE (self));
  wherry_words_entry_set_problem (self->words, sentence);
}
