/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this computer calls itself, for the first start. */
#pragma once

#include "net/core/device_info.h"

/** Fills in a new device id, the computer's pretty name (/etc/machine-info, else its host name) and
 * its kind, by the chassis that the firmware reports. The other fields are left alone. */
void this_device_describe (DeviceInfo *info);

/** The value of PRETTY_HOSTNAME in the text of /etc/machine-info (shell-like quoting); NULL when
 * there is none. (transfer full) */
char *machine_info_pretty_name (const char *text);
/** An SMBIOS chassis type (DMTF DSP0134, 7.4.1) in decimal. */
DeviceType chassis_device_type (const char *text);
