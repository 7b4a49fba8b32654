/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/transfer.h"

#include <glib/gi18n-lib.h>

#include "net/core/progress.h"
#include "net/core/transfer_id.h"
#include "net/enum_nick.h"
#include "net/transfer/transfer_private.h"

#define NAMES_MAX 10
#define NOTES_MAX 100

struct _WherryTransfer
{
  GObject parent_instance;

  char *id;
  char *protocol_id;
  WherryDevice *device;
  TransferDirection direction;
  TransferState state;
  TransferPhase phase;
  TransferReason reason;
  char *message;
  char *title;
  GStrv names;
  GPtrArray *notes;   /* utf8, owned, NULL-terminated */
  GPtrArray *sources; /* GFile, owned */
  GFile *destination;
  uint64_t free_space;
  uint64_t files_total;
  uint64_t files_done;
  uint64_t files_failed;
  uint64_t files_skipped;
  uint64_t bytes_total;
  Progress progress;
  int64_t started_us; /* when it became ACTIVE; 0 before */
  int64_t ended_us;

  TransferActFunc act; /* the flow's ear; NULL before and after it */
  gpointer act_data;
};

G_DEFINE_ENUM_TYPE (WherryTransferDirection, wherry_transfer_direction,
                    G_DEFINE_ENUM_VALUE (TRANSFER_SENDING, "sending"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_RECEIVING, "receiving"))
G_DEFINE_ENUM_TYPE (WherryTransferState, wherry_transfer_state,
                    G_DEFINE_ENUM_VALUE (TRANSFER_PREPARING, "preparing"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_OFFERED, "offered"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_ACTIVE, "active"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_DECLINED, "declined"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_CANCELLED, "cancelled"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_EXPIRED, "expired"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_INTERRUPTED, "interrupted"))
G_DEFINE_ENUM_TYPE (WherryTransferPhase, wherry_transfer_phase,
                    G_DEFINE_ENUM_VALUE (TRANSFER_PHASE_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_PHASE_SENDING, "sending"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_PHASE_VERIFYING, "verifying"))
G_DEFINE_ENUM_TYPE (WherryTransferReason, wherry_transfer_reason,
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_NONE, "done"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_OFFLINE, "offline"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_NOT_PAIRED, "not-paired"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_DECLINED, "declined"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_BUSY, "busy"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_EXPIRED, "expired"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_CANCELLED_HERE, "cancelled"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_CANCELLED_THERE, "cancelled-there"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_NO_SPACE, "no-space"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_LOCAL_FILE, "local-file"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_REMOTE_FILE, "remote-file"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_CHECKSUM, "checksum"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_PROTOCOL, "protocol"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_CONNECTION, "connection"))
G_DEFINE_QUARK (wherry-transfer-error-quark, transfer_error)
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
static guint entry_received_signal;

#define N_STATES (TRANSFER_INTERRUPTED + 1)

/* Which state may follow which. An answer may overtake the news that the whole offer is out:
 * PREPARING can end like OFFERED. */
static const bool edges[N_STATES][N_STATES] = {
  [TRANSFER_PREPARING] = { [TRANSFER_OFFERED] = true,
                           [TRANSFER_FAILED] = true,
                           [TRANSFER_DECLINED] = true,
                           [TRANSFER_CANCELLED] = true,
                           [TRANSFER_EXPIRED] = true,
                           [TRANSFER_INTERRUPTED] = true },
  [TRANSFER_OFFERED] = { [TRANSFER_ACTIVE] = true,
                         [TRANSFER_FAILED] = true,
                         [TRANSFER_DECLINED] = true,
                         [TRANSFER_CANCELLED] = true,
                         [TRANSFER_EXPIRED] = true,
                         [TRANSFER_INTERRUPTED] = true },
  [TRANSFER_ACTIVE] = { [TRANSFER_DONE] = true,
                        [TRANSFER_FAILED] = true,
                        [TRANSFER_CANCELLED] = true,
                        [TRANSFER_INTERRUPTED] = true },
};

bool
transfer_state_is_final (TransferState state)
{
  return state >= TRANSFER_DONE;
}

const char *
transfer_state_name (TransferState state)
{
  return enum_nick (WHERRY_TYPE_TRANSFER_STATE, (int) state);
}

const char *
transfer_reason_name (TransferReason reason)
{
  return enum_nick (WHERRY_TYPE_TRANSFER_REASON, (int) reason);
}

static void
notify (WherryTransfer *self, TransferProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

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
      g_value_set_enum (value, self->phase);
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

  entry_received_signal =
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

WherryTransfer *
transfer_new (TransferDirection direction, const char *protocol_id, WherryDevice *device)
{
  TransferId local;
  transfer_id_generate (&local);
  char hex[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (&local, hex);
  WherryTransfer *self = g_object_new (WHERRY_TYPE_TRANSFER, NULL);
  self->direction = direction;
  self->state = direction == TRANSFER_SENDING ? TRANSFER_PREPARING : TRANSFER_OFFERED;
  self->id = g_strdup (hex);
  self->protocol_id = g_strdup (protocol_id);
  self->device = g_object_ref (device);
  return self;
}

void
transfer_attach (WherryTransfer *self, TransferActFunc act, gpointer user_data)
{
  self->act = act;
  self->act_data = user_data;
}

void
transfer_describe (WherryTransfer *self, const char *const *names, uint64_t names_total,
                   uint64_t files_total, uint64_t bytes_total)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (unsigned i = 0; names[i] && i < NAMES_MAX; i++)
    g_strv_builder_add (builder, names[i]);
  g_strfreev (self->names);
  self->names = g_strv_builder_end (builder);

  const char *first = self->names[0] ?: "";
  uint64_t more = names_total > 1 ? names_total - 1 : 0;
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, more);
  g_free (self->title);
  /* Translators: the name of a file, and how many other files and folders there are */
  self->title = more > 0 ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%1$s and %2$s more",
                                                         "%1$s and %2$s more", more),
                                            first, number)
                         : g_strdup (first);
  self->files_total = files_total;
  self->bytes_total = bytes_total;
  progress_init (&self->progress, bytes_total, 0, g_get_monotonic_time ());
  notify (self, PROP_TITLE);
}

/* Until it is known what the sources hold, and for good when that is nothing, their own names are
 * the title. */
static void
describe_by_sources (WherryTransfer *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < self->sources->len && i < NAMES_MAX; i++)
    {
      g_autofree char *name = g_file_get_basename (self->sources->pdata[i]);
      g_strv_builder_take (builder, name ? g_filename_display_name (name)
                                         : g_file_get_parse_name (self->sources->pdata[i]));
    }
  g_auto (GStrv) names = g_strv_builder_end (builder);
  transfer_describe (self, (const char *const *) names, self->sources->len, 0, 0);
}

void
transfer_set_sources (WherryTransfer *self, GPtrArray *files)
{
  self->sources = g_ptr_array_copy (files, (GCopyFunc) (void *) g_object_ref, NULL);
  g_ptr_array_set_free_func (self->sources, g_object_unref);
  if (!self->names[0])
    describe_by_sources (self);
}

void
transfer_set_destination (WherryTransfer *self, GFile *folder, uint64_t free_space)
{
  g_set_object (&self->destination, folder);
  self->free_space = free_space;
}

void
transfer_advance (WherryTransfer *self, TransferState to)
{
  g_assert (edges[self->state][to]);
  g_debug ("transfer %.8s: %s -> %s", self->protocol_id, transfer_state_name (self->state),
           transfer_state_name (to));
  self->state = to;
  int64_t now = g_get_monotonic_time ();
  if (to == TRANSFER_ACTIVE)
    {
      self->started_us = now;
      progress_init (&self->progress, self->bytes_total, 0, now);
    }
  if (transfer_state_is_final (to))
    {
      self->ended_us = now;
      notify (self, PROP_FRACTION);
    }
  notify (self, PROP_STATE);
}

void
transfer_end (WherryTransfer *self, TransferState to, TransferReason reason, const char *message)
{
  /* An answer can come too late to be one: what was accepted a moment ago is then only
   * cancelled. */
  const TransferState end = edges[self->state][to] ? to : TRANSFER_CANCELLED;
  if (self->reason != reason)
    {
      self->reason = reason;
      notify (self, PROP_REASON);
    }
  if (g_set_str (&self->message, message))
    notify (self, PROP_MESSAGE);
  transfer_advance (self, end);
}

void
transfer_set_phase (WherryTransfer *self, TransferPhase phase)
{
  if (self->phase == phase)
    return;
  self->phase = phase;
  notify (self, PROP_PHASE);
}

void
transfer_report (WherryTransfer *self, uint64_t bytes_done, uint64_t files_done,
                 uint64_t files_failed, int64_t now_us)
{
  self->files_done = files_done;
  self->files_failed = files_failed;
  progress_set (&self->progress, bytes_done, now_us);
  if (progress_gate (&self->progress, now_us))
    notify (self, PROP_FRACTION);
}

void
transfer_set_skipped (WherryTransfer *self, uint64_t files_skipped)
{
  self->files_skipped = files_skipped;
}

void
transfer_note (WherryTransfer *self, const char *note)
{
  if (self->notes->len < NOTES_MAX)
    g_ptr_array_add (self->notes, g_strdup (note));
}

void
transfer_entry_received (WherryTransfer *self, const char *path, uint64_t size,
                         const char *blake3_hex)
{
  g_signal_emit (self, entry_received_signal, 0, path, size, blake3_hex);
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
  return self->phase;
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
wherry_transfer_get_files_failed (WherryTransfer *self)
{
  return self->files_failed;
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
  if (self->state != TRANSFER_OFFERED || !self->act)
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
