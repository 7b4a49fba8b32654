/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program under attack: a real wherry-cli with a data directory and an inbox of its own. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/support/scratch.h"

typedef struct
{
  Scratch home;
  char *inbox;              /* (owned) */
  GSubprocess *process;     /* (owned) (nullable) */
  GDataInputStream *events; /* (owned) (nullable) */
} Victim;

/** A fresh home below the temporary folder. */
void victim_init (Victim *victim);
/** Starts `wherry-cli --json …` on it; @argv after the common options, NULL-terminated. */
void victim_start (Victim *victim, const char *const *argv);
/** The next line whose "event" is @name; fails the test when the program ends first. (transfer
 * full) */
char *victim_event (Victim *victim, const char *name);
/** The port in a "listening" event. */
uint16_t victim_port (const char *listening);
/** A string member of an event line. (transfer full) */
char *victim_field (const char *event, const char *name);
/** Bytes that it holds in memory at this moment. */
size_t victim_memory (Victim *victim);
/** The most that it ever had. */
size_t victim_memory_peak (Victim *victim);
/** Waits until the program has ended by itself. */
void victim_wait (Victim *victim);
/** Ends the program and checks that it ended by itself and cleanly, not by a crash. */
void victim_stop (Victim *victim);
/** Everything below the inbox, sorted and joined by newlines, hidden names too. (transfer full) */
char *victim_inbox (Victim *victim);
/** The same of the home around it, without the data directory: where a name with ".." would lead.
 * (transfer full) */
char *victim_surroundings (Victim *victim);
void victim_clear (Victim *victim);
