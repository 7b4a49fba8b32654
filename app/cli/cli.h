/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the subcommands of wherry-cli share: options, the node, waiting, exit statuses. A subcommand
 * is one fiber on the main scheduler; it reads from top to bottom and sleeps in cli_sleep(). */
#pragma once

#include <glib/gi18n-lib.h>

#include "app/cli/output.h"
#include "net/client.h"

/** Part of the contract with scripts: never renumber. */
typedef enum
{
  CLI_OK = 0,          /* all arrived verified */
  CLI_USAGE = 2,       /* the command line is wrong */
  CLI_NOT_FOUND = 3,   /* no such device, or it does not answer, or the data directory is in use */
  CLI_REFUSED = 4,     /* the other device, or the person at it, said no */
  CLI_FILE = 5,        /* failed verification, or a file or disk failed */
  CLI_INTERRUPTED = 6, /* the connection broke, or the person interrupted */
} CliStatus;

typedef struct Cli Cli;

typedef struct
{
  const char *name;
  const char *arguments;       /* for the usage line, translatable */
  const char *summary;         /* one sentence, translatable */
  const char *description;     /* more of it, for --help, translatable; NULL for none */
  const GOptionEntry *options; /* NULL for none */
  size_t min_arguments, max_arguments;
  bool local; /* needs no network */
  /** Checks what can be checked before anything starts, and sets what the node needs; prints its
   * error. What needs no node it may do by itself. NULL for nothing. */
  CliStatus (*prepare) (Cli *cli, ClientOptions *options);
  /** The command, in a fiber, with a running node. */
  CliStatus (*run) (Cli *cli);
} Command;

extern const Command devices_command, doctor_command, id_command, pair_command, ping_command,
    send_command, send_text_command, serve_command, unpair_command;

struct Cli
{
  char **arguments; /* (owned) NULL-terminated */
  size_t n_arguments;
  const char *data_dir; /* (nullable) as given */
  int port;
  bool json, verbose, mdns;
  WherryClient *client;  /* (owned) */
  DexPromise *wake;      /* (nullable) who sleeps; borrowed from the sleeper's stack */
  bool interrupted;      /* a signal came, or the reader of the output went away */
  bool asked_to_end;     /* by Ctrl-C or SIGTERM */
  DexPromise *interrupt; /* (owned) resolves then */
  bool complete;         /* nothing is left to be done after the preparation */
  int output_error; /* errno of what kept the standard output from being written, once that was told
                     */
};

/** Sleeps until @object (nullable) notifies any property, somebody calls cli_wake(), the person
 * interrupts, or @msec pass (0: no limit). Look at the world again afterwards: it says nothing
 * about why it returned. */
void cli_sleep (Cli *cli, gpointer object, int msec);
void cli_wake (Cli *cli);
/** Awaits @future (transfer full) or the interrupt, whichever is first: then false with
 * G_IO_ERROR_CANCELLED. */
bool cli_await_int64 (Cli *cli, DexFuture *future, int64_t *value, GError **error);
bool cli_await (Cli *cli, DexFuture *future, GError **error);
/** The same for a GPtrArray. (transfer full) (nullable) */
GPtrArray *cli_await_list (Cli *cli, DexFuture *future, GError **error);

/** Sets cli->interrupted, wakes the sleeper and ends what is awaited; the command cancels what
 * runs. */
void cli_interrupt (Cli *cli);
/** The status of a command that goes on until it is told to stop. */
CliStatus cli_status_of_end (const Cli *cli);

/** "wherry-cli: MESSAGE" on stderr. */
void cli_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);
/** Complains with @error and what to do about it; the exit status for its kind, @otherwise when it
 * has none. */
CliStatus cli_fail (const GError *error, CliStatus otherwise);

/** A device by name, id, or the start of its node id; waits a few seconds for discovery.
 * CLIENT_ERROR_NOT_FOUND when there is not exactly one. (transfer full) */
WherryDevice *cli_find_device (Cli *cli, const char *text, GError **error);
/** Gives discovery a few seconds to see @device. */
void cli_await_nearby (Cli *cli, WherryDevice *device);
/** All addresses of HOST[:PORT], IPv6 and IPv4; CLIENT_ERROR_NOT_FOUND when there is none,
 * G_IO_ERROR_CANCELLED when the person interrupts. (transfer full) (element-type
 * GInetSocketAddress) */
GPtrArray *cli_find_address (Cli *cli, const char *text, GError **error);
/** (transfer full) (element-type utf8): NULL-terminated */
char **cli_list_addresses (GPtrArray *addresses);
/** What was skipped or failed by itself, on stderr. */
void cli_print_notes (WherryTransfer *transfer);
/** Tells where this device can be reached. */
void cli_print_listening (Cli *cli);
/** "laptop", in the person's language. */
const char *cli_type_word (DeviceType type);
