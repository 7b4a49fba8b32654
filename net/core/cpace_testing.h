/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps of cpace.c, for the published vectors. */
#pragma once

#include "net/core/cpace.h"

/** cpace_new() with a given scalar. NULL when the scalar is zero. */
Cpace *cpace_new_with_scalar (CpaceBytes password, CpaceBytes channel, CpaceBytes session,
                              const uint8_t scalar[static CPACE_SCALAR_LEN]);

/** calculate_generator of the draft. */
void cpace_generator (uint8_t point[static CPACE_POINT_LEN], CpaceBytes password,
                      CpaceBytes channel, CpaceBytes session);
/** scalar_mult_vfy of the draft; false for what it calls an error: an invalid point or the
 * neutral element as the result. */
bool cpace_scalar_mult (uint8_t result[static CPACE_POINT_LEN],
                        const uint8_t scalar[static CPACE_SCALAR_LEN],
                        const uint8_t point[static CPACE_POINT_LEN]);
