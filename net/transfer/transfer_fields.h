/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a WherryTransfer consists of: for transfer.c, which shows it, and transfer_private.c, which
 * changes it. */
#pragma once

#include "net/core/progress.h"
#include "net/transfer/transfer_private.h"

G_BEGIN_DECLS

struct _WherryTransfer
{
  GObject parent_instance;

  char *id;
  char *protocol_id;
  WherryDevice *device;
  TransferDirection direction;
  TransferState state;
  TransferPhase phase; /* apart from SILENT */
  bool silent;
  TransferReason reason;
  char *message;
  char *title;
  GStrv names;
  GPtrArray *notes;   /* utf8, owned, NULL-terminated */
  GPtrArray *sources; /* GFile, owned */
  GFile *destination;
  GFile *received; /* (nullable) */
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

G_END_DECLS
