/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the face is no node's: addresses and codes as a person enters them. */
#include "net/client.h"

/* A resolver of names that end in ".test", which answers when it is told to. */
#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;
  GTask *asked; /* (owned) (nullable) */
  int cancelled;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static TestResolver *resolver;

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  resolver->cancelled++;
}

static void
lookup_async (GResolver *self, const char *name, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
  g_assert_null (resolver->asked);
  resolver->asked = g_task_new (self, cancellable, callback, user_data);
  if (cancellable)
    g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), NULL, NULL);
}

static GList *
lookup_finish (GResolver *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  G_RESOLVER_CLASS (klass)->lookup_by_name_async = lookup_async;
  G_RESOLVER_CLASS (klass)->lookup_by_name_finish = lookup_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

static void
settle (DexFuture *future)
{
  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, TRUE);
}

static char *
texts_of (DexFuture *future)
{
  g_autoptr (GError) error = NULL;
  settle (future);
  const GValue *value = dex_future_get_value (future, &error);
  g_assert_no_error (error);
  GPtrArray *addresses = g_value_get_boxed (value);
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  for (guint i = 0; i < addresses->len; i++)
    g_strv_builder_take (texts, wherry_client_format_address (addresses->pdata[i]));
  g_auto (GStrv) list = g_strv_builder_end (texts);
  return g_strjoinv (" ", list);
}

/* Numbers ask nobody. */
static void
test_numeric (void)
{
  const struct
  {
    const char *text, *expected;
  } cases[] = {
    { "192.0.2.7", "192.0.2.7:11204" },
    { "192.0.2.7:80", "192.0.2.7:80" },
    { "[2001:db8::7]:80", "[2001:db8::7]:80" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DexFuture) future = wherry_client_resolve_address (cases[i].text);
      g_autofree char *texts = texts_of (future);
      g_assert_cmpstr (texts, ==, cases[i].expected);
    }
  g_assert_null (resolver->asked);
}

/* All addresses of a name, in the resolver's order, and nothing waits meanwhile. */
static void
test_name (void)
{
  g_autoptr (DexFuture) future = wherry_client_resolve_address ("two.test:99");
  g_assert_true (dex_future_is_pending (future));
  g_autoptr (GTask) asked = g_steal_pointer (&resolver->asked);
  GList *found = g_list_append (NULL, g_inet_address_new_from_string ("2001:db8::1"));
  found = g_list_append (found, g_inet_address_new_from_string ("192.0.2.1"));
  g_task_return_pointer (asked, found, NULL);
  g_autofree char *texts = texts_of (future);
  g_assert_cmpstr (texts, ==, "[2001:db8::1]:99 192.0.2.1:99");
}

static void
test_unknown (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DexFuture) future = wherry_client_resolve_address ("none.test");
  g_autoptr (GTask) asked = g_steal_pointer (&resolver->asked);
  g_task_return_new_error (asked, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
  settle (future);
  g_assert_null (dex_future_get_value (future, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "no such name");
}

static void
test_form (void)
{
  const char *const texts[] = { "", ":", "192.0.2.7:0", "192.0.2.7:65536", "two words", "a:b:c" };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DexFuture) future = wherry_client_resolve_address (texts[i]);
      settle (future);
      g_assert_null (dex_future_get_value (future, &error));
      g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_INVALID);
    }
  g_assert_null (resolver->asked);
}

static DexFuture *
never_cb (DexFuture *future, gpointer user_data)
{
  g_assert_not_reached ();
}

/* Whoever goes on to something else leaves no lookup behind. */
static void
test_given_up (void)
{
  int before = resolver->cancelled;
  DexFuture *future =
      dex_future_finally (wherry_client_resolve_address ("slow.test"), never_cb, NULL, NULL);
  g_assert_true (dex_future_is_pending (future));
  dex_unref (future);
  g_assert_cmpint (resolver->cancelled, ==, before + 1);
  g_autoptr (GTask) asked = g_steal_pointer (&resolver->asked);
  g_assert_true (g_task_return_error_if_cancelled (asked));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_code (void)
{
  const struct
  {
    const char *text;
    bool valid, link_valid;
  } cases[] = {
    { "zoo-zoo-zoo", true, false },        { "Zoo zoo, ZOO", true, false },
    { "zoo-zoo", false, false },           { "zoo-zoo-zzz", false, false },
    { "wherry://pair?v=1", false, false }, { "", false, false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (wherry_code_check (cases[i].text, &error) == cases[i].valid);
      g_assert_true (!error == cases[i].valid);
      g_clear_error (&error);
      g_assert_true (wherry_code_check_link (cases[i].text, &error) == cases[i].link_valid);
      g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_INVALID);
    }
  g_assert_null (wherry_code_explain_word ("zoo"));
  g_autofree char *sentence = wherry_code_explain_word ("zzz");
  g_assert_nonnull (strstr (sentence, "zzz"));
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  g_resolver_set_default (G_RESOLVER (resolver));
  g_test_add_func ("/node/client/numeric", test_numeric);
  g_test_add_func ("/node/client/name", test_name);
  g_test_add_func ("/node/client/unknown", test_unknown);
  g_test_add_func ("/node/client/form", test_form);
  g_test_add_func ("/node/client/given-up", test_given_up);
  g_test_add_func ("/node/client/code", test_code);
  return g_test_run ();
}
