/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every signal that ends a program is told to the main loop first, so that the other devices can be
 * told. */
#pragma once

#include <glib.h>

/** Calls @ended on the main loop with the first signal's number. A later one ends the process at
 * once, with @status. Signals of the first few moments count as one: a shell and the kernel both
 * tell of a terminal that goes away. SIGHUP stays ignored where it was (nohup). */
void signals_watch (void (*ended) (int number, gpointer user_data), int status, gpointer user_data);
