/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the test that reads the picture. */
#pragma once

#include "ui/qr_code.h"

G_BEGIN_DECLS

/** One pixel a module, quiet zone included. (transfer none) */
GdkTexture *wherry_qr_code_get_texture (WherryQrCode *self);

G_END_DECLS
