/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for what keeps devices from each other, and says it in findings. Changes nothing. Main
 * thread only, on fibers. */
#pragma once

#include "net/peer/finding.h"
#include "net/peer/messages.h"

G_BEGIN_DECLS

#define DOCTOR_DEVICES_MAX 16 /* paired devices that are asked whether they answer */

/** All borrowed. */
typedef struct
{
  QuicEndpoint *endpoint;
  FlowSet *flows;
  Messages *messages;
  WherryDeviceRegistry *registry;
  bool sandboxed;
} Doctor;

/** Interfaces, port and firewall of this computer: appended to @findings. False when the fiber was
 * cancelled. */
bool doctor_examine_computer (const Doctor *doctor, GPtrArray *findings, GError **error);
/** Whether the paired devices answer; one that is seen by discovery and does not is told as
 * isolated. */
bool doctor_examine_devices (const Doctor *doctor, GPtrArray *findings, GError **error);
/** Whether @device answers, with the round trip, and whether it does at each of its addresses by
 * itself. */
bool doctor_examine_device (const Doctor *doctor, WherryDevice *device, GPtrArray *findings,
                            GError **error);
/** Whether a paired device answers at each of @addresses (element-type GInetSocketAddress), and
 * which. */
bool doctor_examine_addresses (const Doctor *doctor, GPtrArray *addresses, GPtrArray *findings,
                               GError **error);

G_END_DECLS
