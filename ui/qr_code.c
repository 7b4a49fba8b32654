/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/qr_code.h"

#include <math.h>
#include <qrencode.h>

#include "ui/qr_code_testing.h"

struct _WherryQrCode
{
  GObject parent_instance;

  GdkTexture *texture; /* (owned) */
};

static void paintable_init (GdkPaintableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WherryQrCode, wherry_qr_code, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, paintable_init))

static void
qr_code_snapshot (GdkPaintable *paintable, GdkSnapshot *snapshot, double width, double height)
{
  WherryQrCode *self = WHERRY_QR_CODE (paintable);
  int modules = gdk_texture_get_width (self->texture);
  double side = MIN (width, height);

  /* Whole pixels per module where there is room for them: a blurred edge is what cameras
   * dislike. */
  if (side >= modules)
    side = floor (side / modules) * modules;

  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, width, height);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA) { 1, 1, 1, 1 }, &all);
  graphene_rect_t code =
      GRAPHENE_RECT_INIT (floor ((width - side) / 2), floor ((height - side) / 2), side, side);
  gtk_snapshot_append_scaled_texture (snapshot, self->texture, GSK_SCALING_FILTER_NEAREST, &code);
}

static double
qr_code_get_intrinsic_aspect_ratio (GdkPaintable *paintable)
{
  return 1;
}

static GdkPaintableFlags
qr_code_get_flags (GdkPaintable *paintable)
{
  return GDK_PAINTABLE_STATIC_SIZE | GDK_PAINTABLE_STATIC_CONTENTS;
}

static void
paintable_init (GdkPaintableInterface *iface)
{
  iface->snapshot = qr_code_snapshot;
  iface->get_intrinsic_aspect_ratio = qr_code_get_intrinsic_aspect_ratio;
  iface->get_flags = qr_code_get_flags;
}

static void
wherry_qr_code_finalize (GObject *object)
{
  WherryQrCode *self = WHERRY_QR_CODE (object);
  g_clear_object (&self->texture);
  G_OBJECT_CLASS (wherry_qr_code_parent_class)->finalize (object);
}

static void
wherry_qr_code_class_init (WherryQrCodeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wherry_qr_code_finalize;
}

static void
wherry_qr_code_init (WherryQrCode *self)
{
}

static GdkTexture *
texture_of_code (const QRcode *code)
{
  int side = code->width + 2 * QR_QUIET_ZONE;
  size_t len = (size_t) side * side;
  uint8_t *pixels = g_malloc (len);
  memset (pixels, 0xff, len);
  for (int y = 0; y < code->width; y++)
    for (int x = 0; x < code->width; x++)
      if (code->data[y * code->width + x] & 1)
        pixels[(y + QR_QUIET_ZONE) * side + x + QR_QUIET_ZONE] = 0;

  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, len);
  return gdk_memory_texture_new (side, side, GDK_MEMORY_G8, bytes, side);
}

WherryQrCode *
wherry_qr_code_new (const char *text)
{
  QRcode *code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  if (!code)
    return NULL;

  WherryQrCode *self = g_object_new (WHERRY_TYPE_QR_CODE, NULL);
  self->texture = texture_of_code (code);
  QRcode_free (code);
  return self;
}

GdkTexture *
wherry_qr_code_get_texture (WherryQrCode *self)
{
  g_return_val_if_fail (WHERRY_IS_QR_CODE (self), NULL);
  return self->texture;
}
