/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/transfer.h"

#include "net/transfer/transfer_fields.h"

G_DEFINE_FINAL_TYPE (WherryTransfer, wherry_transfer, G_TYPE_OBJECT)

typedef enum
{
  PROP_DIRECTION = 1,
  PROP_STATE,
  PROP_PHASE,
  PROP_REASON,
  PROP_TITLE,
  PROP_FRACTION,
  PROP_MESSAGE,
} TransferProperty;

static GParamSpec *properties[PROP_MESSAGE + 1];
static void
wherry_transfer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  WherryTransfer *self = WHERRY_TRANSFER (object);
  switch ((TransferProperty) id)
    {
    case PROP_DIRECTION:
      g_value_set_enum (value, self->direction);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_PHASE:
      g_value_set_enum (value, wherry_transfer_get_phase (self));
      break;
    case PROP_REASON:
      g_value_set_enum (value, self->reason);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, progress_fraction (&self->progress));
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
wherry_transfer_finalize (GObject *object)
{
  WherryTransfer *self = WHERRY_TRANSFER (object);
  g_free (self->id);
  g_free (self->protocol_id);
  g_clear_object (&self->device);
  g_free (self->message);
  g_free (self->title);
  g_strfreev (self->names);
  g_ptr_array_unref (self->notes);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_clear_object (&self->destination);
  g_clear_object (&self->received);
  G_OBJECT_CLASS (wherry_transfer_parent_class)->finalize (object);
}

static void
wherry_transfer_class_init (WherryTransferClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  object_class->get_property = wherry_transfer_get_property;
  object_class->finalize = wherry_transfer_finalize;

  properties[PROP_DIRECTION] = g_param_spec_enum (
      "direction", NULL, NULL, WHERRY_TYPE_TRANSFER_DIRECTION, TRANSFER_SENDING, flags);
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, WHERRY_TYPE_TRANSFER_STATE,
                                              TRANSFER_PREPARING, flags);
  properties[PROP_PHASE] = g_param_spec_enum ("phase", NULL, NULL, WHERRY_TYPE_TRANSFER_PHASE,
                                              TRANSFER_PHASE_WAITING, flags);
  properties[PROP_REASON] = g_param_spec_enum ("reason", NULL, NULL, WHERRY_TYPE_TRANSFER_REASON,
                                               TRANSFER_REASON_NONE, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  g_signal_new ("entry-received", WHERRY_TYPE_TRANSFER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT64, G_TYPE_STRING);
}

static void
wherry_transfer_init (WherryTransfer *self)
{
  self->title = g_strdup ("");
  self->names = g_new0 (char *, 1);
  self->notes = g_ptr_array_new_null_terminated (1, g_free, true);
}

const char *
wherry_transfer_get_id (WherryTransfer *self)
{
  return self->id;
}

const char *
wherry_transfer_get_protocol_id (WherryTransfer *self)
{
  return self->protocol_id;
}

WherryDevice *
wherry_transfer_get_device (WherryTransfer *self)
{
  return self->device;
}

TransferDirection
wherry_transfer_get_direction (WherryTransfer *self)
{
  return self->direction;
}

TransferState
wherry_transfer_get_state (WherryTransfer *self)
{
  return self->state;
}

TransferPhase
wherry_transfer_get_phase (WherryTransfer *self)
{
  return self->silent ? TRANSFER_PHASE_SILENT : self->phase;
}

TransferReason
wherry_transfer_get_reason (WherryTransfer *self)
{
  return self->reason;
}

const char *
wherry_transfer_get_message (WherryTransfer *self)
{
  return self->message;
}

const char *
wherry_transfer_get_title (WherryTransfer *self)
{
  return self->title;
}

const char *const *
wherry_transfer_get_names (WherryTransfer *self)
{
  return (const char *const *) self->names;
}

const char *const *
wherry_transfer_get_notes (WherryTransfer *self)
{
  return (const char *const *) self->notes->pdata;
}

uint64_t
wherry_transfer_get_files_total (WherryTransfer *self)
{
  return self->files_total;
}

uint64_t
wherry_transfer_get_files_done (WherryTransfer *self)
{
  return self->files_done;
}

uint64_t
wherry_transfer_get_files_skipped (WherryTransfer *self)
{
  return self->files_skipped;
}

uint64_t
wherry_transfer_get_bytes_total (WherryTransfer *self)
{
  return self->bytes_total;
}

uint64_t
wherry_transfer_get_bytes_done (WherryTransfer *self)
{
  return self->progress.done;
}

double
wherry_transfer_get_rate (WherryTransfer *self)
{
  return self->state == TRANSFER_ACTIVE ? progress_rate (&self->progress, g_get_monotonic_time ())
                                        : 0;
}

int64_t
wherry_transfer_get_eta (WherryTransfer *self)
{
  return self->state == TRANSFER_ACTIVE ? progress_eta (&self->progress, g_get_monotonic_time ())
                                        : -1;
}

double
wherry_transfer_get_elapsed (WherryTransfer *self)
{
  if (!self->started_us)
    return 0;
  return ((self->ended_us ?: g_get_monotonic_time ()) - self->started_us) / 1e6;
}

GFile *
wherry_transfer_get_destination (WherryTransfer *self)
{
  return self->destination;
}

GFile *
wherry_transfer_get_received (WherryTransfer *self)
{
  return self->received;
}

uint64_t
wherry_transfer_get_free_space (WherryTransfer *self)
{
  return self->free_space;
}

GPtrArray *
wherry_transfer_get_sources (WherryTransfer *self)
{
  return self->sources;
}

void
wherry_transfer_accept (WherryTransfer *self, GFile *destination)
{
  g_return_if_fail (WHERRY_IS_TRANSFER (self) && self->direction == TRANSFER_RECEIVING);
  if (self->state != TRANSFER_OFFERED || !self->act || (!destination && !self->destination))
    return;
  if (destination)
    g_set_object (&self->destination, destination);
  self->act (TRANSFER_ACT_ACCEPT, self->act_data);
}

void
wherry_transfer_decline (WherryTransfer *self)
{
  g_return_if_fail (WHERRY_IS_TRANSFER (self) && self->direction == TRANSFER_RECEIVING);
  if (self->state == TRANSFER_OFFERED && self->act)
    self->act (TRANSFER_ACT_DECLINE, self->act_data);
}

void
wherry_transfer_cancel (WherryTransfer *self)
{
  g_return_if_fail (WHERRY_IS_TRANSFER (self));
  if (!transfer_state_is_final (self->state) && self->act)
    self->act (TRANSFER_ACT_CANCEL, self->act_data);
}
