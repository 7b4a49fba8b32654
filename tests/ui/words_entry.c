/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words_entry.h"

#include "tests/ui/ui_test.h"

typedef struct
{
  WherryWordsEntry *words;
  GtkWindow *window;
  char *link;
  guint activated;
} Fixture;

static void
link_cb (Fixture *fixture, const char *link)
{
  g_set_str (&fixture->link, link);
}

static void
activate_cb (Fixture *fixture)
{
  fixture->activated++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->words = g_object_new (WHERRY_TYPE_WORDS_ENTRY, NULL);
  g_signal_connect_swapped (fixture->words, "link", G_CALLBACK (link_cb), fixture);
  g_signal_connect_swapped (fixture->words, "activate", G_CALLBACK (activate_cb), fixture);
  fixture->window = ui_test_show (GTK_WIDGET (fixture->words), 360, 200);
  gtk_widget_grab_focus (wherry_words_entry_get_first (fixture->words));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  WherryWordsEntry *words = fixture->words;
  g_object_add_weak_pointer (G_OBJECT (words), (gpointer *) &fixture->words);
  gtk_window_destroy (fixture->window);
  wait_settle ();
  g_assert_null (fixture->words);
  g_free (fixture->link);
}

static GtkEditable *
entry (Fixture *fixture, guint index)
{
  return ui_test_find (fixture->words, GTK_TYPE_ENTRY, index);
}

static void
type (Fixture *fixture, guint index, const char *text)
{
  gtk_editable_set_text (entry (fixture, index), text);
}

#define assert_entries(fixture, a, b, c)                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpstr (gtk_editable_get_text (entry (fixture, 0)), ==, a);                           \
    g_assert_cmpstr (gtk_editable_get_text (entry (fixture, 1)), ==, b);                           \
    g_assert_cmpstr (gtk_editable_get_text (entry (fixture, 2)), ==, c);                           \
  }                                                                                                \
  G_STMT_END

static void
test_whole_code (Fixture *fixture, gconstpointer data)
{
  g_assert_null (wherry_words_entry_dup_words (fixture->words));
  type (fixture, 0, "Brave, LION\tsunset");
  assert_entries (fixture, "brave", "lion", "sunset");
  g_assert_true (wherry_words_entry_get_complete (fixture->words));
  g_autofree char *words = wherry_words_entry_dup_words (fixture->words);
  g_assert_cmpstr (words, ==, "brave-lion-sunset");

  g_signal_emit_by_name (entry (fixture, 2), "activate");
  g_assert_cmpuint (fixture->activated, ==, 1);
}

/* A separator ends a word, completes it when only one begins so, and goes on to the next entry. */
static void
test_go_on (Fixture *fixture, gconstpointer data)
{
  type (fixture, 0, "brav ");
  assert_entries (fixture, "brave", "", "");
  GtkWidget *focus = gtk_window_get_focus (fixture->window);
  g_assert_true (gtk_widget_is_ancestor (focus, GTK_WIDGET (entry (fixture, 1))));

  type (fixture, 1, "suns");
  g_signal_emit_by_name (entry (fixture, 1), "activate");
  assert_entries (fixture, "brave", "sunset", "");
  g_assert_false (wherry_words_entry_get_complete (fixture->words));
}

static void
test_suggestions (Fixture *fixture, gconstpointer data)
{
  type (fixture, 0, "brav");
  ui_test_click (fixture->words, "brave");
  assert_entries (fixture, "brave", "", "");
  g_assert_null (ui_test_find_button (fixture->words, "brave"));
}

static void
test_wrong_word (Fixture *fixture, gconstpointer data)
{
  type (fixture, 0, "brave-liom-sunset");
  GtkLabel *problem = ui_test_find (fixture->words, GTK_TYPE_LABEL, 0);
  wait_until (gtk_widget_get_mapped (GTK_WIDGET (problem)));
  g_assert_nonnull (strstr (gtk_label_get_label (problem), "“liom”"));
  g_assert_nonnull (strstr (gtk_label_get_label (problem), "“lion”"));
  g_assert_false (wherry_words_entry_get_complete (fixture->words));
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (entry (fixture, 1)),
                                    GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE);
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (entry (fixture, 0)),
                                    GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_FALSE);

  type (fixture, 1, "lion");
  g_assert_true (wherry_words_entry_get_complete (fixture->words));
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (entry (fixture, 1)),
                                    GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_FALSE);
}

static void
test_link (Fixture *fixture, gconstpointer data)
{
  type (fixture, 1, "wherry://pair?v=1");
  g_assert_cmpstr (fixture->link, ==, "wherry://pair?v=1");
  assert_entries (fixture, "", "", "");
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "First word", "Second word", "Third word" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_test_accessible_assert_property (GTK_ACCESSIBLE (entry (fixture, i)),
                                         GTK_ACCESSIBLE_PROPERTY_LABEL, names[i]);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
#define add(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  add ("/ui/words-entry/whole-code", test_whole_code);
  add ("/ui/words-entry/go-on", test_go_on);
  add ("/ui/words-entry/suggestions", test_suggestions);
  add ("/ui/words-entry/wrong-word", test_wrong_word);
  add ("/ui/words-entry/link", test_link);
  add ("/ui/words-entry/names", test_names);
  return g_test_run ();
}
