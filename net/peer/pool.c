/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/peer/pool.h"

#include <glib/gi18n-lib.h>

#include "net/core/connection_state.h"
#include "net/peer/connect.h"
#include "net/async/quic_future.h"

struct Pool
{
  QuicEndpoint *endpoint;
  WherryDeviceRegistry *registry;
  FlowSet *flows;
  NodeId self;
  GPtrArray *members; /* (owned) (element-type PooledConnection) each owned by its fiber */
  const char *served_alpn;
  PoolOpened opened;
  gpointer opened_data;
  PoolUnpaired unpaired;
  gpointer unpaired_data;
};

/* One connection from the first packet to the last, owned by the fiber that dials and watches
 * it. */
typedef struct
{
  Pool *owner;
  NodeId id;
  const char *alpn; /* static */
  bool shared;
  bool accepted;        /* the peer dialled it */
  DexPromise *draining; /* (owned) settled: another one has its place, nothing new begins on it */
  ConnectionState state;
  DexPromise *connecting;   /* (owned) (nullable) dialled: settles with the SecureConnection */
  GPtrArray *candidates;    /* (owned) (nullable) dialled */
  char *name;               /* (owned) (nullable) dialled */
  SecureConnection *secure; /* (owned) (nullable) once it is up */
  int64_t last_active_us;
} PooledConnection;

static PooledConnection *
pooled_new (Pool *owner, const NodeId *id, const char *alpn, bool shared)
{
  PooledConnection *pooled = g_new (PooledConnection, 1);
  *pooled = (PooledConnection) {
    .owner = owner, .id = *id, .alpn = alpn, .shared = shared, .draining = dex_promise_new ()
  };
  g_ptr_array_add (owner->members, pooled);
  return pooled;
}

static void
pooled_advance (PooledConnection *pooled, ConnectionEvent event)
{
  ConnectionState before = pooled->state;
  if (!connection_state_advance (&pooled->state, event) || before == pooled->state)
    return;
  g_autofree char *id = node_id_to_short (&pooled->id);
  g_debug ("[%s %s] %s -> %s", id, pooled->alpn, connection_state_name (before),
           connection_state_name (pooled->state));
}

static void
pooled_free (gpointer data)
{
  PooledConnection *pooled = data;
  pooled_advance (pooled, CONNECTION_EVENT_LOST);
  g_ptr_array_remove_fast (pooled->owner->members, pooled);
  if (pooled->secure)
    {
      wherry_device_registry_disconnected (pooled->owner->registry, &pooled->id);
      quic_connection_close (pooled->secure->connection, QUIC_CODE_OK, "closing");
      secure_connection_unref (pooled->secure);
    }
  if (pooled->connecting && dex_future_is_pending (DEX_FUTURE (pooled->connecting)))
    dex_promise_reject (pooled->connecting, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                                 "dialling was cancelled"));
  dex_clear (&pooled->connecting);
  dex_unref (pooled->draining);
  g_clear_pointer (&pooled->candidates, g_ptr_array_unref);
  g_free (pooled->name);
  g_free (pooled);
}

Pool *
pool_new (QuicEndpoint *endpoint, WherryDeviceRegistry *registry, FlowSet *flows, const NodeId *id)
{
  Pool *self = g_new0 (Pool, 1);
  self->endpoint = endpoint;
  self->registry = registry;
  self->flows = flows;
  self->self = *id;
  self->members = g_ptr_array_new ();
  return self;
}

void
pool_free (Pool *self)
{
  g_assert (self->members->len == 0);
  g_ptr_array_unref (self->members);
  g_free (self);
}

void
pool_serve (Pool *self, const char *alpn, PoolOpened opened, gpointer user_data)
{
  self->served_alpn = alpn;
  self->opened = opened;
  self->opened_data = user_data;
}

void
pool_on_unpaired (Pool *self, PoolUnpaired unpaired, gpointer user_data)
{
  self->unpaired = unpaired;
  self->unpaired_data = user_data;
}

/* Whether something new may begin on it. */
static bool
is_usable (const PooledConnection *pooled)
{
  return connection_state_is_usable (pooled->state) &&
         dex_future_is_pending (DEX_FUTURE (pooled->draining)) &&
         quic_connection_is_open (pooled->secure->connection);
}

static bool
is_shared_with (const PooledConnection *pooled, const NodeId *id, const char *alpn)
{
  return pooled->shared && node_id_equal (&pooled->id, id) && g_str_equal (pooled->alpn, alpn);
}

/* Both sides dialled: of two shared connections the one that the smaller node id dialled stays, as
 * the other side finds too. Of two that we dialled the first one stays; the peer leaves it to
 * us. */
static void
settle_double (PooledConnection *pooled)
{
  Pool *self = pooled->owner;
  for (guint i = 0; i < self->members->len; i++)
    {
      PooledConnection *other = self->members->pdata[i];
      if (other == pooled || !is_shared_with (other, &pooled->id, pooled->alpn) ||
          (other->accepted && pooled->accepted) || !is_usable (other))
        continue;
      bool ours_stays = node_id_is_less (&self->self, &pooled->id);
      bool both_ours = !other->accepted && !pooled->accepted;
      PooledConnection *loser = both_ours || pooled->accepted == ours_stays ? pooled : other;
      dex_promise_resolve_boolean (loser->draining, true);
      if (loser == pooled)
        return;
    }
}

/* False when the device is not paired: its pairing root, from which the session keys are derived,
 * exists only while it is. */
static bool
establish (PooledConnection *pooled, QuicConnection *connection)
{
  Pool *self = pooled->owner;
  const uint8_t *root = wherry_device_registry_get_root (self->registry, &pooled->id);
  if (!root)
    return false;
  g_autoptr (GInetSocketAddress) address = quic_connection_dup_remote_address (connection);
  pooled->secure = secure_connection_new (
      connection, session_new (root, quic_connection_get_exporter (connection),
                               quic_connection_is_client (connection)));
  pooled->last_active_us = g_get_monotonic_time ();
  pooled_advance (pooled, CONNECTION_EVENT_ESTABLISHED);
  wherry_device_registry_connected (self->registry, &pooled->id, address);
  if (pooled->shared)
    settle_double (pooled);
  if (pooled->shared)
    self->opened (pooled->secure, self->opened_data);
  return true;
}

static GError *
not_paired_error (const char *name)
{
  return g_error_new (QUIC_ERROR, QUIC_ERROR_NOT_PAIRED,
                      _ ("%s is not paired with this device. Pair the two again."), name);
}

/* Dials and settles the promise; true when the connection is up. */
static bool
dial (PooledConnection *pooled)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection =
      flow_await_boxed (connect_race (pooled->owner->endpoint, pooled->owner->flows, &pooled->id,
                                      pooled->name, pooled->alpn, pooled->candidates),
                        &error);
  GCancellable *unwanted = dex_promise_get_cancellable (pooled->connecting);

  if (connection && !pooled->shared && g_cancellable_is_cancelled (unwanted))
    quic_connection_close (connection, QUIC_CODE_CANCELLED, "nobody wants it any more");
  else if (connection && !establish (pooled, connection))
    {
      quic_connection_close (connection, QUIC_CODE_NOT_PAIRED, "not paired");
      error = not_paired_error (pooled->name);
    }
  if (pooled->secure)
    dex_promise_resolve_boxed (pooled->connecting, SECURE_TYPE_CONNECTION,
                               secure_connection_ref (pooled->secure));
  else if (error)
    dex_promise_reject (pooled->connecting, g_steal_pointer (&error));
  return pooled->secure;
}

/* Which side closes one that drains does not matter: neither begins anything on it. */
static void
await_end (PooledConnection *pooled, GError **error)
{
  QuicConnection *connection = pooled->secure->connection;
  if (!flow_await (
          dex_future_first (quic_future_closed (connection), dex_ref (pooled->draining), NULL),
          error))
    return;
  while (quic_connection_is_open (connection) &&
         g_get_monotonic_time () - pooled->last_active_us < POOL_DRAIN_MS * INT64_C (1000))
    {
      g_autoptr (GError) waited = NULL;
      flow_await (flow_within_ms (quic_future_closed (connection), POOL_DRAIN_MS), &waited);
      if (flow_was_cancelled (waited))
        break;
    }
  pooled_advance (pooled, CONNECTION_EVENT_CLOSE);
  quic_connection_close (connection, QUIC_CODE_OK, "another one is used");
  flow_await (quic_future_closed (connection), error);
}

static DexFuture *
entry_fiber (gpointer user_data)
{
  PooledConnection *pooled = user_data;
  Pool *self = pooled->owner;
  g_autoptr (GError) error = NULL;
  if (!pooled->secure && !dial (pooled))
    return dex_future_new_false ();
  await_end (pooled, &error);
  if (g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_UNPAIRED) &&
      wherry_device_registry_get_root (self->registry, &pooled->id))
    self->unpaired (&pooled->id, self->unpaired_data);
  return dex_future_new_true ();
}

static DexFuture *
start_dialling (Pool *self, const NodeId *id, const char *alpn, bool shared, GPtrArray *first)
{
  WherryDevice *device = wherry_device_registry_lookup (self->registry, id);
  if (!device || !wherry_device_registry_get_root (self->registry, id))
    return dex_future_new_for_error (
        not_paired_error (device ? wherry_device_get_name (device) : _ ("The other device")));
  g_autoptr (GPtrArray) known = wherry_device_list_addresses (device);
  PooledConnection *pooled = pooled_new (self, id, alpn, shared);
  pooled->candidates = connect_candidates (first, known);
  pooled->name = g_strdup (wherry_device_get_name (device));
  pooled->connecting = dex_promise_new_cancellable ();
  DexFuture *connecting = dex_ref (DEX_FUTURE (pooled->connecting));
  dex_future_disown (flow_set_start (self->flows, alpn, entry_fiber, pooled, pooled_free));
  return connecting;
}

DexFuture *
pool_dial (Pool *self, const NodeId *id, const char *alpn, GPtrArray *first)
{
  return start_dialling (self, id, alpn, false, first);
}

/* Who knows better addresses does not wait for those that are tried already. */
static bool
tries_all (const PooledConnection *pooled, GPtrArray *addresses)
{
  g_autoptr (GPtrArray) together = connect_candidates (pooled->candidates, addresses);
  return together->len == pooled->candidates->len;
}

DexFuture *
pool_share (Pool *self, const NodeId *id, const char *alpn, GPtrArray *first)
{
  for (guint i = 0; i < self->members->len; i++)
    {
      PooledConnection *pooled = self->members->pdata[i];
      if (is_shared_with (pooled, id, alpn) && is_usable (pooled))
        return dex_future_new_take_boxed (SECURE_TYPE_CONNECTION,
                                          secure_connection_ref (pooled->secure));
    }
  for (guint i = 0; i < self->members->len; i++)
    {
      PooledConnection *pooled = self->members->pdata[i];
      if (is_shared_with (pooled, id, alpn) && pooled->state == CONNECTION_STATE_CONNECTING &&
          tries_all (pooled, first))
        return dex_ref (DEX_FUTURE (pooled->connecting));
    }
  return start_dialling (self, id, alpn, true, first);
}

/* Whether one more that @id dialled has room; the shared one that has been quiet for longest goes
 * for it. */
static bool
make_room (Pool *self, const NodeId *id)
{
  PooledConnection *quietest = NULL;
  guint n_accepted = 0;
  for (guint i = 0; i < self->members->len; i++)
    {
      PooledConnection *pooled = self->members->pdata[i];
      if (!pooled->accepted || !node_id_equal (&pooled->id, id) ||
          !quic_connection_is_open (pooled->secure->connection))
        continue;
      n_accepted++;
      if (pooled->shared && (!quietest || pooled->last_active_us < quietest->last_active_us))
        quietest = pooled;
    }
  if (n_accepted < POOL_DEVICE_MAX)
    return true;
  if (!quietest || g_get_monotonic_time () - quietest->last_active_us < POOL_QUIET_US)
    return false;
  pooled_advance (quietest, CONNECTION_EVENT_CLOSE);
  quic_connection_close (quietest->secure->connection, QUIC_CODE_LIMIT,
                         "a newer one took its place");
  return true;
}

QuicCode
pool_adopt (Pool *self, QuicConnection *connection, SecureConnection **peer)
{
  const char *alpn = quic_connection_get_alpn (connection);
  bool shared = g_strcmp0 (alpn, self->served_alpn) == 0;
  if (!make_room (self, quic_connection_get_peer (connection)))
    return QUIC_CODE_LIMIT;
  PooledConnection *pooled =
      pooled_new (self, quic_connection_get_peer (connection), g_intern_string (alpn), shared);
  pooled->accepted = true;
  if (!establish (pooled, connection))
    {
      pooled_free (pooled);
      return QUIC_CODE_NOT_PAIRED;
    }
  if (peer)
    *peer = secure_connection_ref (pooled->secure);
  dex_future_disown (flow_set_start (self->flows, pooled->alpn, entry_fiber, pooled, pooled_free));
  return QUIC_CODE_OK;
}

static PooledConnection *
find_pooled (Pool *self, const SecureConnection *peer)
{
  for (guint i = 0; i < self->members->len; i++)
    {
      PooledConnection *pooled = self->members->pdata[i];
      if (pooled->secure == peer)
        return pooled;
    }
  return NULL;
}

void
pool_active (Pool *self, SecureConnection *peer)
{
  PooledConnection *pooled = find_pooled (self, peer);
  if (!pooled)
    return;
  pooled->last_active_us = g_get_monotonic_time ();
  pooled_advance (pooled, CONNECTION_EVENT_ACTIVITY);
}

int64_t
pool_idle_at (Pool *self, SecureConnection *peer)
{
  PooledConnection *pooled = find_pooled (self, peer);
  if (!pooled)
    return G_MAXINT64;
  int64_t idle_at_us = pooled->last_active_us + CONNECTION_IDLE_US;
  if (g_get_monotonic_time () >= idle_at_us)
    pooled_advance (pooled, CONNECTION_EVENT_QUIET);
  return idle_at_us;
}

GError *
pool_explain (Pool *self, SecureConnection *peer, GError *error)
{
  g_autoptr (GError) original = error;
  g_autoptr (GError) closed = NULL;
  if (flow_was_cancelled (error))
    return g_steal_pointer (&original);
  const NodeId id = *quic_connection_get_peer (peer->connection);
  flow_await (flow_within (quic_future_closed (peer->connection), 1), &closed);
  /* Only now: the row may have gone, or have another name, meanwhile. */
  WherryDevice *device = wherry_device_registry_lookup (self->registry, &id);
  const char *name = device ? wherry_device_get_name (device) : _ ("The other device");
  if (g_error_matches (closed, QUIC_CLOSE_ERROR, QUIC_CODE_NOT_PAIRED) ||
      g_error_matches (closed, QUIC_CLOSE_ERROR, QUIC_CODE_UNPAIRED))
    return not_paired_error (name);
  if (g_error_matches (closed, QUIC_CLOSE_ERROR, QUIC_CODE_LIMIT))
    return g_error_new (QUIC_ERROR, QUIC_ERROR_REFUSED,
                        _ ("%s is busy. Wait a moment and try again."), name);
  return g_error_new (
      QUIC_ERROR, QUIC_ERROR_UNREACHABLE,
      _ ("The connection with %s broke. Check that it is on and that Wherry is open there."), name);
}

guint
pool_count (Pool *self, const NodeId *id)
{
  guint n_open = 0;
  for (guint i = 0; i < self->members->len; i++)
    {
      PooledConnection *pooled = self->members->pdata[i];
      n_open += pooled->secure && node_id_equal (&pooled->id, id) &&
                quic_connection_is_open (pooled->secure->connection);
    }
  return n_open;
}

guint
pool_close (Pool *self, const NodeId *id, QuicCode code, const char *reason)
{
  guint n_open = 0;
  for (guint i = 0; i < self->members->len; i++)
    {
      PooledConnection *pooled = self->members->pdata[i];
      if (!pooled->secure || !node_id_equal (&pooled->id, id))
        continue;
      n_open += quic_connection_is_open (pooled->secure->connection);
      pooled_advance (pooled, CONNECTION_EVENT_CLOSE);
      quic_connection_close (pooled->secure->connection, code, reason);
    }
  return n_open;
}
