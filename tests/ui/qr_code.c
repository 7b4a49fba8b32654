/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drawn code is the encoded one, module for module, white all around, at any size and on any
 * background. */
#include "ui/qr_code_testing.h"

#include <qrencode.h>

#include "tests/ui/ui_test.h"

#define LINK                                                                                       \
  "wherry://pair?v=1&id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&k=bbbbbbbbbbbbbbbb"

/* Draws @code on black at @side pixels, as the window would. */
static guchar *
draw (WherryQrCode *code, int side)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderer) renderer = gsk_cairo_renderer_new ();
  g_autoptr (GError) error = NULL;
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, side, side);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA) { 0, 0, 0, 1 }, &all);
  gdk_paintable_snapshot (GDK_PAINTABLE (code), snapshot, side, side);
  g_autoptr (GskRenderNode) node = gtk_snapshot_to_node (snapshot);
  gsk_renderer_realize (renderer, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GdkTexture) texture = gsk_renderer_render_texture (renderer, node, &all);
  gsk_renderer_unrealize (renderer);

  guchar *pixels = g_malloc ((gsize) side * side * 4);
  gdk_texture_download (texture, pixels, (gsize) side * 4);
  return pixels;
}

static void
test_modules (void)
{
  g_autoptr (WherryQrCode) code = wherry_qr_code_new (LINK);
  QRcode *reference = QRcode_encodeString8bit (LINK, 0, QR_ECLEVEL_M);
  int modules = reference->width + 2 * QR_QUIET_ZONE;
  g_assert_cmpint (gdk_texture_get_width (wherry_qr_code_get_texture (code)), ==, modules);

  /* Some pixels more than a whole number for each module: the rest must become margin, not blur. */
  const int scale = 3;
  int side = modules * scale + 2;
  g_autofree guchar *pixels = draw (code, side);
  for (int y = 0; y < modules; y++)
    for (int x = 0; x < modules; x++)
      for (int dy = 0; dy < scale; dy++)
        for (int dx = 0; dx < scale; dx++)
          {
            int column = x - QR_QUIET_ZONE, row = y - QR_QUIET_ZONE;
            gboolean inside =
                column >= 0 && column < reference->width && row >= 0 && row < reference->width;
            gboolean black = inside && (reference->data[row * reference->width + column] & 1) != 0;
            gsize at = ((gsize) (y * scale + dy + 1) * side + x * scale + dx + 1) * 4;
            g_assert_cmpint (pixels[at], ==, black ? 0 : 255);
          }
  QRcode_free (reference);
}

static void
test_too_long (void)
{
  g_autofree char *text = g_strnfill (4000, 'x');
  g_assert_null (wherry_qr_code_new (text));
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/ui/qr-code/modules", test_modules);
  g_test_add_func ("/ui/qr-code/too-long", test_too_long);
  return g_test_run ();
}
