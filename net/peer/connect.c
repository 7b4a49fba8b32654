/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/peer/connect.h"

#include <glib/gi18n-lib.h>

#include "net/async/quic_future.h"
#include "net/socket_address.h"

/* One address of one race. */
typedef struct
{
  QuicEndpoint *endpoint;
  GInetSocketAddress *address; /* (owned) */
  bool any_peer;
  NodeId peer;
  const char *alpn; /* static */
  int delay_ms;
} Attempt;

static void
attempt_free (gpointer data)
{
  Attempt *attempt = data;
  g_object_unref (attempt->address);
  g_free (attempt);
}

static DexFuture *
attempt_fiber (gpointer user_data)
{
  Attempt *attempt = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection = NULL;
  if (attempt->delay_ms)
    {
      flow_await (dex_timeout_new_msec (attempt->delay_ms), &error);
      if (!flow_timed_out (error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      g_clear_error (&error);
    }
  connection = flow_await_boxed (quic_future_connect (attempt->endpoint, attempt->address,
                                                      attempt->any_peer ? NULL : &attempt->peer,
                                                      attempt->alpn),
                                 &error);
  if (!connection)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_boxed (QUIC_TYPE_CONNECTION, g_steal_pointer (&connection));
}

typedef struct
{
  char *name; /* (owned) */
  const char *alpn;
  GPtrArray *attempts; /* (owned) (element-type DexFuture) */
} Race;

static void
race_free (gpointer data)
{
  Race *race = data;
  g_free (race->name);
  g_ptr_array_unref (race->attempts);
  g_free (race);
}

/* The errors that tell something about the device itself rather than about one address, the most
 * telling first; the last one stands for all others. Only NOT_PAIRED and NO_CODE were said by who
 * had proved to be the device. */
static const struct
{
  QuicError code;
  const char *sentence;
} race_errors[] = {
  {
      QUIC_ERROR_NOT_PAIRED,
      N_ ("%s refused the connection because it is not paired with this device. Pair the two again."),
  },
  { QUIC_ERROR_NO_CODE, N_ ("%s shows no pairing code. Show one there and try again.") },
  {
      QUIC_ERROR_REFUSED,
      N_ ("%s is busy or refused the connection. Wait a moment and try again."),
  },
  {
      QUIC_ERROR_PROTOCOL,
      N_ ("%s does not understand this version of Wherry. Update both devices."),
  },
  {
      QUIC_ERROR_IDENTITY,
      N_ ("Another device answers at the address of %s. If its keys were lost, pair the two again."),
  },
  {
      QUIC_ERROR_UNREACHABLE,
      N_ ("%s does not answer. Check that it is on, on the same network, and that Wherry is open there."),
  },
};

static GError *
race_error (Race *race)
{
  size_t best = G_N_ELEMENTS (race_errors) - 1;
  for (guint i = 0; i < race->attempts->len; i++)
    {
      DexFuture *attempt = race->attempts->pdata[i];
      g_autoptr (GError) error = NULL;
      if (!dex_future_is_rejected (attempt) || dex_future_get_value (attempt, &error))
        continue;
      g_debug ("%s: %s", race->alpn, error->message);
      for (size_t k = 0; k < best; k++)
        if (g_error_matches (error, QUIC_ERROR, race_errors[k].code))
          best = k;
    }
  return g_error_new (QUIC_ERROR, race_errors[best].code, _ (race_errors[best].sentence),
                      race->name);
}

/* The losers: one may have got through in the same instant. */
static void
close_others (Race *race, QuicConnection *winner)
{
  for (guint i = 0; i < race->attempts->len; i++)
    {
      DexFuture *attempt = race->attempts->pdata[i];
      if (!dex_future_is_resolved (attempt))
        continue;
      QuicConnection *other = g_value_get_boxed (dex_future_get_value (attempt, NULL));
      if (other != winner)
        quic_connection_close (other, QUIC_CODE_OK, "another address was faster");
    }
}

static DexFuture *
race_fiber (gpointer user_data)
{
  Race *race = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection = NULL;
  if (race->attempts->len > 0)
    connection = flow_await_boxed (
        flow_within (dex_future_anyv ((DexFuture **) race->attempts->pdata, race->attempts->len),
                     CONNECT_DEADLINE_S),
        &error);
  if (flow_was_cancelled (error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (!connection)
    return dex_future_new_for_error (race_error (race));
  close_others (race, connection);
  return dex_future_new_take_boxed (QUIC_TYPE_CONNECTION, g_steal_pointer (&connection));
}

DexFuture *
connect_race (QuicEndpoint *endpoint, FlowSet *flows, const NodeId *peer, const char *name,
              const char *alpn, GPtrArray *addresses)
{
  g_autoptr (GPtrArray) candidates = connect_candidates (NULL, addresses);
  Race *race = g_new (Race, 1);
  *race = (Race) { .name = g_strdup (name ? name : _ ("The other device")),
                   .alpn = alpn,
                   .attempts = g_ptr_array_new_with_free_func (dex_unref) };
  for (guint i = 0; i < candidates->len; i++)
    {
      Attempt *attempt = g_new (Attempt, 1);
      *attempt = (Attempt) { .endpoint = endpoint,
                             .address = g_object_ref (candidates->pdata[i]),
                             .any_peer = !peer,
                             .alpn = alpn,
                             .delay_ms = (int) i * CONNECT_HEAD_START_MS };
      if (peer)
        attempt->peer = *peer;
      g_ptr_array_add (race->attempts,
                       flow_set_start (flows, "address", attempt_fiber, attempt, attempt_free));
    }
  return flow_set_start (flows, "race", race_fiber, race, race_free);
}

GPtrArray *
connect_candidates (GPtrArray *first, GPtrArray *others)
{
  GPtrArray *candidates = g_ptr_array_new_with_free_func (g_object_unref);
  if (first)
    socket_address_list_merge (candidates, first, CONNECT_MAX_CANDIDATES);
  if (others)
    socket_address_list_merge (candidates, others, CONNECT_MAX_CANDIDATES);
  return candidates;
}

char *
connect_address_to_text (GInetSocketAddress *address)
{
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}
