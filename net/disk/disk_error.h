/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an errno of a call on a received file or folder means. Only what concerns the bytes, or
 * leaves no name to put them under, fails a file; everything else costs a note.
 *
 *   call                    what file systems answer          what follows
 *   openat2                 ENOSYS, EAGAIN                    component by component (beneath)
 *   open a folder to read   EACCES, any other                 O_PATH: it is not synced by itself
 *   faccessat               EACCES where users are mapped     a file is created on trial
 *   mkdirat                 EEXIST, or others of what exists  merged when a folder is there
 *   open O_CREAT | O_EXCL   EEXIST after a repeat (NFS)       another name
 *   mkdirat, rename         EINVAL (vfat, exfat, NTFS),       a substitute name (name_claim):
 *                           EILSEQ, ENOENT (CIFS),            note
 *                           EPROTO (vboxsf), ENAMETOOLONG
 *   renameat2 NOREPLACE     any but EEXIST                    linkat(), then a placeholder
 *                                                             replaced
 *   renameat2               EEXIST, ENOENT although it was    looked at: the file itself is
 *                           done (NFS)                        there
 *   fchmod                  EPERM (vfat, CIFS, FUSE), any;    note
 *                           or not kept
 *   futimens                EINVAL, EPERM, any; or off by     note
 *                           more than 2 s
 *   write                   any: EIO, ENOSPC, EDQUOT, EFBIG   the file fails
 *   fsync, close of a file  EINVAL, ENOSYS, EOPNOTSUPP        note
 *                           any other: EIO, ENOSPC, EDQUOT,   the file fails
 *                           EACCES (NFS)
 *   syncfs                  any                               each file is synced by itself
 *   fsync of a folder       any                               note: its names may not outlive
 *                                                             a power cut
 *   fstat for st_dev        any                               taken for another file system:
 *                                                             synced singly
 *   statvfs                 any, or 0 blocks                  free space is unknown
 *   sync_file_range         any                               nothing: it is a hint
 *   unlinkat of a part      any but ENOENT                    note: it stays
 */
#pragma once

#include <stdbool.h>

/** fsync() or close() is not for this file system: nothing is said about the bytes. EACCES and
 * EPERM are: so NFS reports writes that its server did not allow. */
bool disk_cannot_sync (int code);
/** No further file will fit. */
bool disk_is_full (int code);
/** No further file can be written. */
bool disk_is_lost (int code);
