/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/outline.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

struct Outline
{
  GPtrArray *names; /* utf8, owned, NULL-terminated */
  uint64_t n_names;
};

static Outline *
outline_new (void)
{
  Outline *self = g_new0 (Outline, 1);
  self->names = g_ptr_array_new_null_terminated (OUTLINE_NAMES_MAX, g_free, true);
  return self;
}

/* Takes @name. */
static void
add (Outline *self, char *name)
{
  if (self->n_names++ < OUTLINE_NAMES_MAX)
    g_ptr_array_add (self->names, name);
  else
    g_free (name);
}

Outline *
outline_of_offer (const Offer *offer)
{
  Outline *self = outline_new ();
  const char *last = "";
  size_t last_len = 0;
  OfferEntry entry;
  for (uint32_t id = 0; offer_get_entry (offer, id, &entry); id++)
    {
      const char *top = *entry.folder ? entry.folder : entry.name;
      size_t len = strcspn (top, "/");
      if (len == last_len && memcmp (top, last, len) == 0)
        continue;
      last = top;
      last_len = len;
      add (self, g_strndup (top, len));
    }
  return self;
}

Outline *
outline_of_files (GPtrArray *files)
{
  Outline *self = outline_new ();
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *name = g_file_get_basename (files->pdata[i]);
      add (self, name ? g_filename_display_name (name) : g_file_get_parse_name (files->pdata[i]));
    }
  return self;
}

void
outline_free (Outline *self)
{
  g_ptr_array_unref (self->names);
  g_free (self);
}

const char *const *
outline_get_names (const Outline *self)
{
  return (const char *const *) self->names->pdata;
}

uint64_t
outline_get_n_names (const Outline *self)
{
  return self->n_names;
}

char *
outline_title (const char *const *names, uint64_t n_names)
{
  const char *first = names[0] ? names[0] : "";
  if (n_names <= 1)
    return g_strdup (first);
  uint64_t more = n_names - 1;
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, more);
  /* Translators: the name of a file, and how many other files and folders there are */
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%1$s and %2$s more", "%1$s and %2$s more", more), first,
      number);
}
