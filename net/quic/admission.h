/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may begin a connection, by core/stranger_limits.h: strangers share what is theirs by address,
 * and beside that there are slots for addresses where a known peer was lately. Net thread only. */
#pragma once

#include "net/core/stranger_limits.h"
#include "net/quic/address_rate.h"
#include "net/quic/net_connection.h"

G_BEGIN_DECLS

typedef struct
{
  uint8_t bytes[16]; /* IPv4 as mapped */
  ngtcp2_tstamp until;
} KnownAddress;

typedef struct
{
  GPtrArray *connections; /* borrowed */
  unsigned retry_from;
  AddressRate strangers;
  AddressRate known;
  KnownAddress addresses[KNOWN_ADDRESSES_MAX];
} Admission;

typedef enum
{
  ADMISSION_YES,
  ADMISSION_RETRY,
  ADMISSION_LATER, /* no answer: it will ask again */
} AdmissionAnswer;

/** @connections: (element-type NetConnection) those of the endpoint, in any order; borrowed. */
void admission_init (Admission *admission, GPtrArray *connections);

/** A known peer is at @remote. */
void admission_note_known (Admission *admission, const struct sockaddr *remote, ngtcp2_tstamp now);

/** Whether somebody at @remote may begin a handshake. @retried: has answered a Retry from there.
 * With YES, @standing is what the new connection is to have, and @leaving (nullable) is the one
 * that has to go for it. */
AdmissionAnswer admission_decide (Admission *admission, const struct sockaddr *remote, bool retried,
                                  ngtcp2_tstamp now, NetStanding *standing,
                                  NetConnection **leaving);

G_END_DECLS
