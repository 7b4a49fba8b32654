/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that outlive the process: a folder of small files, one for each. The list of them is of
 * the main thread; what touches the disk says so. */
#pragma once

#include "net/core/message.h"
#include "net/store/data_dir.h"

G_BEGIN_DECLS

#define MAILBOX_DEVICE_MAX       64                 /* messages of one device */
#define MAILBOX_DEVICE_BYTES_MAX (1024 * 1024)      /* of them */
#define MAILBOX_BYTES_MAX        (16 * 1024 * 1024) /* of all devices */

typedef enum
{
  MAILBOX_ERROR_FULL, /* for this device, or for all */
} MailboxError;

#define MAILBOX_ERROR (mailbox_error_quark ())
GQuark mailbox_error_quark (void);

typedef struct Mailbox Mailbox;

/** Counted by references, for any thread. Only @stored ever changes. */
typedef struct
{
  const DataDir *dir; /* borrowed */
  char *file;         /* (owned) relative to @dir */
  NodeId device;
  MessageId id;
  int64_t at_us; /* when it was added, Unix time; no two are equal, so it gives the order */
  GBytes *json;  /* (owned) as message_encode() made it */
  bool stored;   /* on the disk, for the main thread to keep */
} MailboxEntry;

MailboxEntry *mailbox_entry_ref (MailboxEntry *entry);
void mailbox_entry_unref (MailboxEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MailboxEntry, mailbox_entry_unref)

/** Blocks. Reads what is in @folder of @dir (borrowed), which is made when it is missing; what
 * cannot be read is left where it is, and told in the log. G_FILE_ERROR_*. */
Mailbox *mailbox_open (const DataDir *dir, const char *folder,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void mailbox_free (Mailbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mailbox, mailbox_free)

/** (element-type MailboxEntry) oldest first. (transfer none) */
GPtrArray *mailbox_list (const Mailbox *self);
/** The oldest of @device; NULL when there is none. (transfer none) */
MailboxEntry *mailbox_first (const Mailbox *self, const NodeId *device);
/** (transfer none) (nullable) */
MailboxEntry *mailbox_find (const Mailbox *self, const NodeId *device, const MessageId *id);
/** Adds a message, whose file is still to be written; @json is taken. MAILBOX_ERROR_FULL. (transfer
 * none) */
MailboxEntry *mailbox_add (Mailbox *self, const NodeId *device, const MessageId *id, GBytes *json,
                           GError **error);
/** Removes it, whose file is still to be erased. */
void mailbox_drop (Mailbox *self, MailboxEntry *entry);

/* Any thread; they block. G_FILE_ERROR_*. */

bool mailbox_entry_write (MailboxEntry *entry, GError **error);
bool mailbox_entry_erase (MailboxEntry *entry, GError **error);

G_END_DECLS
