/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words on the wire, for control_writer.c and control_parser.c. */
#pragma once

#include "net/core/control.h"

extern const char *const control_type_names[CONTROL_TYPE_COUNT];
extern const char *const control_reason_names[CONTROL_REASON_COUNT];
