/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CLIENT_ERROR_LOCKED, for people. */
#pragma once

/** Which program is this device already, and what to do. @data_dir is as in ClientOptions.
 * (transfer full) */
char *already_running_phrase (const char *data_dir);
