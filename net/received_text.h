/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text that a paired device sent and nobody has seen yet: part of client.h. Immutable. */
#pragma once

#include "net/peer/device.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_RECEIVED_TEXT (wherry_received_text_get_type ())
G_DECLARE_FINAL_TYPE (WherryReceivedText, wherry_received_text, WHERRY, RECEIVED_TEXT, GObject)

/** Names it: unique, also across restarts. */
const char *wherry_received_text_get_id (WherryReceivedText *self);
WherryDevice *wherry_received_text_get_device (WherryReceivedText *self);
/** UTF-8 of somebody else: never markup, may have several lines and control characters. */
const char *wherry_received_text_get_text (WherryReceivedText *self);

/** For whoever answers as WherryClient. @text is copied. */
WherryReceivedText *received_text_new (const char *id, WherryDevice *device, const char *text);

G_END_DECLS
