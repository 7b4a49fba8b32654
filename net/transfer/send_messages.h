/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the receiver says to the sender. Main thread only. */
#pragma once

#include "net/transfer/send_flow.h"

G_BEGIN_DECLS

/** A ControlMessageFunc over a SendFlow. */
bool send_messages_take (const TransferControl *control, gpointer flow, GError **error);
/** Remembers that it is known what became of @entry; whether that is news. */
bool send_flow_mark_settled (SendFlow *flow, const OfferEntry *entry);

G_END_DECLS
