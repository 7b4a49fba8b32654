/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sender says to the receiver. Main thread only. */
#pragma once

#include "net/transfer/receive_flow.h"

G_BEGIN_DECLS

/** A ControlMessageFunc over a ReceiveFlow. */
bool receive_messages_take (const TransferControl *control, gpointer flow, GError **error);

G_END_DECLS
