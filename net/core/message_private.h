/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words on the wire, for message_writer.c and message_parser.c. */
#pragma once

#include "net/core/message.h"

extern const char *const message_type_names[MESSAGE_TYPE_COUNT];
