/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "net/discovery_advice.h"
#include "net/disk/sandbox.h"
#include "net/node_private.h"
#include "net/peer/doctor.h"

typedef struct
{
  WherryNode *node;
  char *target;         /* (owned) (nullable) as it was given */
  WherryDevice *device; /* (owned) (nullable) that is meant by it */
  GPtrArray *addresses; /* (owned) (nullable) else these are */
} Diagnosis;

static void
diagnosis_free (gpointer data)
{
  Diagnosis *diagnosis = data;
  g_free (diagnosis->target);
  g_clear_object (&diagnosis->device);
  g_clear_pointer (&diagnosis->addresses, g_ptr_array_unref);
  g_free (diagnosis);
}

static bool
find_target (Diagnosis *diagnosis, GError **error)
{
  g_autoptr (GError) unknown = NULL, unresolved = NULL;
  g_set_object (&diagnosis->device, wherry_device_registry_find (diagnosis->node->registry,
                                                                 diagnosis->target, &unknown));
  if (diagnosis->device)
    return true;
  if (g_error_matches (unknown, DEVICE_FIND_ERROR, DEVICE_FIND_ERROR_NOT_FOUND))
    diagnosis->addresses =
        flow_await_boxed (wherry_client_resolve_address (diagnosis->target), &unresolved);
  if (diagnosis->addresses)
    return true;
  if (unresolved && flow_was_cancelled (unresolved))
    g_propagate_error (error, g_steal_pointer (&unresolved));
  else if (unresolved)
    g_set_error (
        error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND,
        _ ("“%s” is neither a device that is known nor an address that can be found (%s)."),
        diagnosis->target, unresolved->message);
  else
    g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND, unknown->message);
  return false;
}

static Finding *
examine_discovery (WherryNode *node)
{
  DiscoveryState state =
      node->discovery ? wherry_discovery_get_state (node->discovery) : DISCOVERY_OFF;
  const char *advice = discovery_advice (state);
  if (advice)
    return finding_new (FINDING_DISCOVERY, FINDING_PROBLEM,
                        g_strdup (_ ("Devices nearby are not found.")), g_strdup (advice),
                        g_strdup (discovery_command (state)));
  if (state == DISCOVERY_RUNNING)
    return finding_new (FINDING_DISCOVERY, FINDING_OK,
                        g_strdup (_ ("Avahi runs, and finds devices nearby.")), NULL, NULL);
  return finding_new (
      FINDING_DISCOVERY, FINDING_WARNING,
      state == DISCOVERY_OFF ? g_strdup (_ ("Devices nearby are not looked for, as was asked for."))
                             : g_strdup (_ ("Avahi is just starting.")),
      state == DISCOVERY_OFF ? NULL : g_strdup (_ ("Try again in a moment.")), NULL);
}

static DexFuture *
diagnose_fiber (gpointer user_data)
{
  Diagnosis *diagnosis = user_data;
  WherryNode *node = diagnosis->node;
  const Doctor doctor = { .endpoint = node->endpoint,
                          .flows = node->flows,
                          .messages = node->messages,
                          .registry = node->registry,
                          .sandboxed = sandbox_is_around () };
  g_autoptr (GPtrArray) findings = findings_new ();
  GError *error = NULL;
  if ((diagnosis->target && !find_target (diagnosis, &error)) ||
      !doctor_examine_computer (&doctor, findings, &error))
    return dex_future_new_for_error (error);
  g_ptr_array_add (findings, examine_discovery (node));
  bool done = diagnosis->device
                  ? doctor_examine_device (&doctor, diagnosis->device, findings, &error)
              : diagnosis->addresses
                  ? doctor_examine_addresses (&doctor, diagnosis->addresses, findings, &error)
                  : doctor_examine_devices (&doctor, findings, &error);
  if (!done)
    return dex_future_new_for_error (error);
  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&findings));
}

DexFuture *
node_diagnose (WherryNode *self, const char *target)
{
  Diagnosis *diagnosis = g_new0 (Diagnosis, 1);
  diagnosis->node = self;
  diagnosis->target = g_strdup (target);
  return flow_set_start (self->flows, "diagnose", diagnose_fiber, diagnosis, diagnosis_free);
}
