/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wherry-cli [OPTION…] COMMAND [OPTION…] [ARGUMENT…], as --help says. */
#pragma once

#include "app/cli/cli.h"

/** The command, and what was given in @cli; NULL when there is nothing to run, because of an error
 * or since help was asked for: it has been printed, and @status is set. */
const Command *command_line_parse (Cli *cli, char **argv, CliStatus *status);
