/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of an offer that could not be made: what lies below one fails with it, for its
 * reason, and is counted but not told again. One thread at a time. */
#pragma once

#include "net/core/control.h"

typedef struct FailedFolders FailedFolders;

FailedFolders *failed_folders_new (void);
void failed_folders_free (FailedFolders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FailedFolders, failed_folders_free)

/** @path: as the offer calls it. */
void failed_folders_add (FailedFolders *self, const char *path, ControlReason reason);
/** Whether a folder above @path has failed. @reason (nullable): why. */
bool failed_folders_cover (const FailedFolders *self, const char *path, ControlReason *reason);
