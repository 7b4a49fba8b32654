/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A QR code as a paintable: black modules on white with the quiet zone of four modules around them,
 * whatever the theme, each module a whole number of pixels. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define QR_QUIET_ZONE 4

#define WHERRY_TYPE_QR_CODE (wherry_qr_code_get_type ())
G_DECLARE_FINAL_TYPE (WherryQrCode, wherry_qr_code, WHERRY, QR_CODE, GObject)

/** Encodes @text with medium error correction; NULL when it is too long for any QR code. */
WherryQrCode *wherry_qr_code_new (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
