/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program tells, on its standard output and its standard error. A thread writes it: a
 * reader that does not read, or a stopped terminal, holds up nothing else. What waits is bounded;
 * what does not fit is left out, and counted where it would have stood: as
 * {"event":"missed","events":N}, or in a sentence. All but output_start() and output_finish() may
 * be called from any thread. */
#pragma once

#include <stdbool.h>
#include <glib.h>

/** Once, first of all. Whatever was not opened for us is open afterwards, as a stream that takes
 * nothing. */
void output_start (void);
/** What is told of missed output, and that there is no progress line. */
void output_set_json (void);
/** Called on the main context when the standard output cannot be written, or when its reader has
 * gone after output_watch_reader(). @error is an errno, EPIPE without a reader. */
typedef void (*OutputLost) (int error, gpointer user_data);
void output_on_lost (OutputLost lost, gpointer user_data);
/** For commands that go on until they are told to stop: they learn at once that nobody reads. */
void output_watch_reader (void);
/** Waits, within bounds, until all is written to @fd; 0, or the errno of what kept the standard
 * output from being written: ETIMEDOUT when nobody reads it. */
int output_finish (int fd);

/** On the standard output. */
void output_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
/** One line of --json. @is_progress: the first to be left out when there is little room. */
void output_event (const char *line, bool is_progress);
/** On the standard error. */
void output_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

/** A line on the terminal that the next one replaces; nothing when the standard error is no
 * terminal, or with --json. */
void progress_show (const char *format, ...) G_GNUC_PRINTF (1, 2);
void progress_clear (void);

/** @text without what could drive a terminal. (transfer full) */
char *output_printable (const char *text);
