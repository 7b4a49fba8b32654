/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this computer calls itself, for the first start. */
#pragma once

#include "net/core/device_info.h"

/** Fills in a new device id, the computer's pretty name (/etc/machine-info, else its host name) and
 * its kind, by the chassis that the firmware reports. The other fields are left alone. */
void this_device_describe (DeviceInfo *info);
