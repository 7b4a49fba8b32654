/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/received_text.h"

struct _WherryReceivedText
{
  GObject parent_instance;

  char *id;             /* (owned) */
  WherryDevice *device; /* (owned) */
  char *text;           /* (owned) */
};

G_DEFINE_FINAL_TYPE (WherryReceivedText, wherry_received_text, G_TYPE_OBJECT)

static void
wherry_received_text_finalize (GObject *object)
{
  WherryReceivedText *self = WHERRY_RECEIVED_TEXT (object);
  g_free (self->id);
  g_clear_object (&self->device);
  g_free (self->text);
  G_OBJECT_CLASS (wherry_received_text_parent_class)->finalize (object);
}

static void
wherry_received_text_class_init (WherryReceivedTextClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wherry_received_text_finalize;
}

static void
wherry_received_text_init (WherryReceivedText *self)
{
}

WherryReceivedText *
received_text_new (const char *id, WherryDevice *device, const char *text)
{
  WherryReceivedText *self = g_object_new (WHERRY_TYPE_RECEIVED_TEXT, NULL);
  self->id = g_strdup (id);
  self->device = g_object_ref (device);
  self->text = g_strdup (text);
  return self;
}

const char *
wherry_received_text_get_id (WherryReceivedText *self)
{
  return self->id;
}

WherryDevice *
wherry_received_text_get_device (WherryReceivedText *self)
{
  return self->device;
}

const char *
wherry_received_text_get_text (WherryReceivedText *self)
{
  return self->text;
}
