/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "net/async/quic_future.h"
#include "net/peer/connect.h"
#include "net/peer/doctor.h"

/* One device or address that is asked, by a fiber of its own; it ends in a Finding. */
typedef struct
{
  Doctor doctor;               /* a copy: a cancelled fiber may outlive whoever started it */
  WherryDevice *device;        /* (owned) (nullable) whoever answers */
  GInetSocketAddress *address; /* (owned) (nullable) all that the device has */
  bool wanted;                 /* that it does not answer is a problem */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;
  g_clear_object (&call->device);
  g_clear_object (&call->address);
  g_free (call);
}

static DexFuture *
call_start (const Doctor *doctor, DexFiberFunc fiber, WherryDevice *device,
            GInetSocketAddress *address, bool wanted)
{
  Call *call = g_new0 (Call, 1);
  call->doctor = *doctor;
  call->wanted = wanted;
  g_set_object (&call->device, device);
  g_set_object (&call->address, address);
  return flow_set_start (doctor->flows, "doctor", fiber, call, call_free);
}

/* Appends what each of @calls (element-type DexFuture) found. */
static bool
collect (GPtrArray *calls, GPtrArray *findings, GError **error)
{
  for (guint i = 0; i < calls->len; i++)
    {
      Finding *finding = flow_await_boxed (dex_ref (calls->pdata[i]), error);
      if (!finding)
        return false;
      g_ptr_array_add (findings, finding);
    }
  return true;
}

static DexFuture *
found (FindingKind kind, FindingSeverity severity, char *cause, const char *remedy)
{
  return dex_future_new_take_boxed (FINDING_TYPE,
                                    finding_new (kind, severity, cause, g_strdup (remedy), NULL));
}

static DexFuture *
address_fiber (gpointer user_data)
{
  Call *call = user_data;
  const Doctor *doctor = &call->doctor;
  g_autofree char *text = connect_address_to_text (call->address);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  g_ptr_array_add (addresses, call->address);
  g_autoptr (GError) error = NULL;
  int64_t start_us = g_get_monotonic_time ();
  g_autoptr (QuicConnection) connection = flow_await_boxed (
      connect_race (doctor->endpoint, doctor->flows,
                    call->device ? wherry_device_get_node_id (call->device) : NULL,
                    call->device ? wherry_device_get_name (call->device) : text, MESSAGES_ALPN,
                    addresses),
      &error);
  if (flow_was_cancelled (error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (!connection)
    return found (FINDING_ADDRESS, call->wanted ? FINDING_PROBLEM : FINDING_WARNING,
                  g_strdup_printf (_ ("Connecting to %s failed."), text), error->message);
  double ms = (double) (g_get_monotonic_time () - start_us) / 1e3;
  const NodeId *id = quic_connection_get_peer (connection);
  WherryDevice *device = wherry_device_registry_lookup (doctor->registry, id);
  g_autofree char *short_id = node_id_to_short (id);
  quic_connection_close (connection, QUIC_CODE_OK, "only asked");
  return found (FINDING_ADDRESS, FINDING_OK,
                g_strdup_printf (_ ("%s answers at %s; connecting took %.1f ms."),
                                 device ? wherry_device_get_name (device) : short_id, text, ms),
                NULL);
}

/* Seen by discovery, and not to be reached. */
static DexFuture *
isolated (WherryDevice *device)
{
  return found (
      FINDING_ISOLATION, FINDING_PROBLEM,
      g_strdup_printf (_ ("%s is seen on this network, but does not answer."),
                       wherry_device_get_name (device)),
      _ ("Its firewall may keep others out: run the same check there. Or the Wi-Fi keeps devices apart, as guest networks do: switch off “client isolation” in the router, or use another network."));
}

static DexFuture *
device_fiber (gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GError) error = NULL;
  const NodeId *id = wherry_device_get_node_id (call->device);
  flow_await (messages_ping (call->doctor.messages, id, NULL), &error);
  if (flow_was_cancelled (error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (!error)
    return found (FINDING_DEVICE, FINDING_OK,
                  g_strdup_printf (_ ("%s answers in %.2f ms."),
                                   wherry_device_get_name (call->device),
                                   (double) wherry_device_get_rtt_us (call->device) / 1e3),
                  NULL);
  bool silent = g_error_matches (error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE);
  if (silent && wherry_device_get_nearby (call->device))
    return isolated (call->device);
  return found (
      FINDING_DEVICE, silent && !call->wanted ? FINDING_WARNING : FINDING_PROBLEM,
      g_strdup_printf (_ ("%s cannot be reached."), wherry_device_get_name (call->device)),
      error->message);
}

bool
doctor_examine_devices (const Doctor *doctor, GPtrArray *findings, GError **error)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (dex_unref);
  GListModel *devices = G_LIST_MODEL (doctor->registry);
  for (guint i = 0; i < g_list_model_get_n_items (devices) && calls->len < DOCTOR_DEVICES_MAX; i++)
    {
      g_autoptr (WherryDevice) device = g_list_model_get_item (devices, i);
      if (wherry_device_get_paired (device))
        g_ptr_array_add (calls, call_start (doctor, device_fiber, device, NULL, false));
    }
  return collect (calls, findings, error);
}

static bool
examine_each (const Doctor *doctor, WherryDevice *device, GPtrArray *addresses, GPtrArray *findings,
              GError **error)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (dex_unref);
  for (guint i = 0; i < addresses->len; i++)
    g_ptr_array_add (calls, call_start (doctor, address_fiber, device,
                                        g_ptr_array_index (addresses, i), !device));
  return collect (calls, findings, error);
}

bool
doctor_examine_device (const Doctor *doctor, WherryDevice *device, GPtrArray *findings,
                       GError **error)
{
  g_autoptr (GPtrArray) known = wherry_device_list_addresses (device);
  g_autoptr (GPtrArray) addresses = connect_candidates (known, NULL);
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (dex_unref);
  g_ptr_array_add (calls, call_start (doctor, device_fiber, device, NULL, true));
  return collect (calls, findings, error) &&
         examine_each (doctor, device, addresses, findings, error);
}

bool
doctor_examine_addresses (const Doctor *doctor, GPtrArray *addresses, GPtrArray *findings,
                          GError **error)
{
  g_autoptr (GPtrArray) candidates = connect_candidates (addresses, NULL);
  return examine_each (doctor, NULL, candidates, findings, error);
}
