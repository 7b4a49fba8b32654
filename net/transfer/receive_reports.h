/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of the files that came, told to the sender and to whoever watches. Main thread
 * only. */
#pragma once

#include "net/transfer/receive_flow.h"

G_BEGIN_DECLS

/** Tells what the worker has done since the last time, as far as it may be told now. */
void receive_reports_tell (ReceiveFlow *flow);

G_END_DECLS
