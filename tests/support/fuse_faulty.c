/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuse_faulty SOURCE MOUNTPOINT [RULE…]: a file system that passes everything on to the folder
 * SOURCE, except where a rule says otherwise:
 *
 *   CALL:N    the call is refused with errno N; 0: it is answered with success and not done
 *   CALL!N    the call is done, and errno N reported all the same
 *   CALL=0    the call is answered once the FIFO "release" in SOURCE has been opened for writing
 *   forbidden:N  names with one of :?*<>|" cannot be created, errno N;  long:N  nor names over 143
 *   bytes;  foreign:N  nor names beyond ASCII
 *   nocase:0  upper and lower case letters are the same
 *   coarse:N  times are kept in steps of N seconds
 *   restless:0  a file's ctime, and nothing else, changes whenever it is read
 *   size:N, seconds:N  what getattr says about every regular file
 *
 * CALL is one of the names in `calls`. Says "ready" once it is mounted, and how often each call
 * came when it ends, which it does when its standard input does. */
#define FUSE_USE_VERSION 312

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum
{
  ACCESS,
  CHMOD,
  CREATE,
  FLUSH,
  FSYNC,
  FSYNCDIR,
  LINK,
  MKDIR,
  OPENDIR,
  RENAME,
  RENAME_FLAGS,
  STATFS,
  UNLINK,
  UTIMENS,
  WRITE,
  FORBIDDEN,
  LONG,
  FOREIGN,
  NOCASE,
  COARSE,
  SIZE,
  SECONDS,
  RESTLESS,
  N_CALLS
};

static const char *const calls[N_CALLS] = {
  "access",  "chmod",   "create",       "flush",  "fsync",  "fsyncdir", "link",     "mkdir",
  "opendir", "rename",  "rename-flags", "statfs", "unlink", "utimens",  "write",    "forbidden",
  "long",    "foreign", "nocase",       "coarse", "size",   "seconds",  "restless",
};

static struct
{
  char how; /* 0: no rule; ':', '!' or '=' */
  long long value;
  unsigned count;
} rules[N_CALLS];

static int source;

/* Opening a FIFO to read from waits for who writes. */
static void
wait_for_release (void)
{
  close (openat (source, "release", O_RDONLY));
}

/* Does the call, unless its rule is against it. */
#define DO(call, expression)                                                                       \
  ({                                                                                               \
    rules[call].count++;                                                                           \
    if (rules[call].how == '=')                                                                    \
      wait_for_release ();                                                                         \
    int result_ = rules[call].how == ':' ? 0 : (int) (expression);                                 \
    if (result_ < 0)                                                                               \
      result_ = -errno;                                                                            \
    rules[call].how ? -(int) rules[call].value : result_;                                          \
  })
#define PLAIN(expression) ((expression) < 0 ? -errno : 0)

/* The path below the source; at most a few are in use at a time. What was unlinked while it was
 * open has none. */
static const char *
below (const char *path)
{
  static char buffers[4][8192];
  static unsigned next;
  char *out = buffers[next++ % 4];
  snprintf (out, sizeof buffers[0], "%s", !path ? "" : path[1] ? path + 1 : ".");
  for (char *p = out; rules[NOCASE].how && *p; p++)
    *p = tolower ((unsigned char) *p);
  return out;
}

static int
check_name (const char *path)
{
  const char *name = strrchr (path, '/') + 1;
  if (rules[FORBIDDEN].how && strpbrk (name, ":?*<>|\""))
    return -(int) rules[FORBIDDEN].value;
  if (rules[LONG].how && strlen (name) > 143)
    return -(int) rules[LONG].value;
  for (const char *c = name; rules[FOREIGN].how && *c; c++)
    if (*c & 0x80)
      return -(int) rules[FOREIGN].value;
  return 0;
}

static int
do_getattr (const char *path, struct stat *status, struct fuse_file_info *file)
{
  int result = PLAIN (path ? fstatat (source, below (path), status, AT_SYMLINK_NOFOLLOW)
                           : fstat ((int) file->fh, status));
  if (!S_ISREG (status->st_mode))
    return result;
  if (rules[SIZE].how)
    status->st_size = rules[SIZE].value;
  if (rules[SECONDS].how)
    status->st_mtim.tv_sec = rules[SECONDS].value;
  return result;
}

static int
do_access (const char *path, int mode)
{
  return DO (ACCESS, faccessat (source, below (path), mode, 0));
}

static int
do_readlink (const char *path, char *out, size_t size)
{
  ssize_t n = readlinkat (source, below (path), out, size - 1);
  if (n < 0)
    return -errno;
  out[n] = '\0';
  return 0;
}

static int
do_mknod (const char *path, mode_t mode, dev_t device)
{
  return check_name (path) ?: PLAIN (mknodat (source, below (path), mode, device));
}

static int
do_mkdir (const char *path, mode_t mode)
{
  return check_name (path) ?: DO (MKDIR, mkdirat (source, below (path), mode));
}

static int
do_unlink (const char *path)
{
  return DO (UNLINK, unlinkat (source, below (path), 0));
}

static int
do_rmdir (const char *path)
{
  return PLAIN (unlinkat (source, below (path), AT_REMOVEDIR));
}

static int
do_rename (const char *from, const char *to, unsigned flags)
{
  int refused = check_name (to);
  if (refused)
    return refused;
  if (flags && rules[RENAME_FLAGS].how)
    return DO (RENAME_FLAGS, -1);
  return DO (RENAME, renameat2 (source, below (from), source, below (to), flags));
}

static int
do_link (const char *from, const char *to)
{
  return check_name (to) ?: DO (LINK, linkat (source, below (from), source, below (to), 0));
}

static int
do_chmod (const char *path, mode_t mode, struct fuse_file_info *file)
{
  return DO (CHMOD, fchmodat (source, below (path), mode, 0));
}

static int
do_truncate (const char *path, off_t size, struct fuse_file_info *file)
{
  int fd = openat (source, below (path), O_WRONLY);
  int result = PLAIN (ftruncate (fd, size));
  close (fd);
  return result;
}

static int
do_utimens (const char *path, const struct timespec times[2], struct fuse_file_info *file)
{
  struct timespec kept[2] = { times[0], times[1] };
  if (rules[COARSE].how)
    {
      kept[1].tv_sec -= kept[1].tv_sec % rules[COARSE].value;
      kept[1].tv_nsec = 0;
    }
  return DO (UTIMENS, utimensat (source, below (path), kept, AT_SYMLINK_NOFOLLOW));
}

static int
do_open (const char *path, struct fuse_file_info *file)
{
  int fd = openat (source, below (path), file->flags & ~O_NOFOLLOW);
  file->fh = fd;
  file->direct_io = rules[SIZE].how != 0;
  return fd < 0 ? -errno : 0;
}

static int
do_create (const char *path, mode_t mode, struct fuse_file_info *file)
{
  int refused = check_name (path);
  if (refused)
    return refused;
  int fd = -1;
  int result = DO (CREATE, (fd = openat (source, below (path), file->flags, mode)));
  if (result < 0 && fd >= 0)
    close (fd);
  file->fh = fd;
  return result < 0 ? result : 0;
}

static int
do_read (const char *path, char *out, size_t size, off_t offset, struct fuse_file_info *file)
{
  struct stat status;
  if (rules[RESTLESS].how && fstat ((int) file->fh, &status) == 0)
    fchmod ((int) file->fh, status.st_mode & 07777);
  ssize_t n = pread ((int) file->fh, out, size, offset);
  return n < 0 ? -errno : (int) n;
}

static int
do_write (const char *path, const char *data, size_t size, off_t offset,
          struct fuse_file_info *file)
{
  return DO (WRITE, pwrite ((int) file->fh, data, size, offset));
}

static int
do_flush (const char *path, struct fuse_file_info *file)
{
  return DO (FLUSH, 0);
}

static int
do_release (const char *path, struct fuse_file_info *file)
{
  return PLAIN (close ((int) file->fh));
}

static int
do_fsync (const char *path, int data, struct fuse_file_info *file)
{
  return DO (FSYNC, 0);
}

static int
do_fsyncdir (const char *path, int data, struct fuse_file_info *file)
{
  return DO (FSYNCDIR, 0);
}

static int
do_statfs (const char *path, struct statvfs *disk)
{
  return DO (STATFS, fstatvfs (source, disk));
}

static int
do_opendir (const char *path, struct fuse_file_info *file)
{
  return DO (OPENDIR, 0);
}

static int
do_readdir (const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
            struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
  int fd = openat (source, below (path), O_RDONLY | O_DIRECTORY);
  DIR *dir = fd < 0 ? NULL : fdopendir (fd);
  if (!dir)
    return -errno;
  for (struct dirent *entry; (entry = readdir (dir));)
    fill (buffer, entry->d_name, NULL, 0, 0);
  closedir (dir);
  return 0;
}

/* Nothing is remembered by the kernel, so that every call comes here. */
static void *
do_init (struct fuse_conn_info *connection, struct fuse_config *config)
{
  config->entry_timeout = config->attr_timeout = config->negative_timeout = 0;
  config->hard_remove = 1;
  config->use_ino = 1;
  return NULL;
}

static const struct fuse_operations operations = {
  .init = do_init,
  .getattr = do_getattr,
  .access = do_access,
  .readlink = do_readlink,
  .mknod = do_mknod,
  .mkdir = do_mkdir,
  .unlink = do_unlink,
  .rmdir = do_rmdir,
  .rename = do_rename,
  .link = do_link,
  .chmod = do_chmod,
  .truncate = do_truncate,
  .utimens = do_utimens,
  .open = do_open,
  .create = do_create,
  .read = do_read,
  .write = do_write,
  .flush = do_flush,
  .release = do_release,
  .fsync = do_fsync,
  .fsyncdir = do_fsyncdir,
  .statfs = do_statfs,
  .opendir = do_opendir,
  .readdir = do_readdir,
};

static bool
take_rule (const char *text)
{
  size_t len = strcspn (text, ":!=");
  for (int call = 0; call < N_CALLS; call++)
    if (strlen (calls[call]) == len && memcmp (calls[call], text, len) == 0 && text[len])
      {
        rules[call].how = text[len];
        rules[call].value = atoll (text + len + 1);
        return true;
      }
  fprintf (stderr, "no such rule: %s\n", text);
  return false;
}

static void *
watch_input (void *data)
{
  while (getchar () != EOF)
    ;
  umount2 (data, MNT_DETACH); /* which ends the loop */
  return NULL;
}

int
main (int argc, char **argv)
{
  for (int i = 3; i < argc; i++)
    if (!take_rule (argv[i]))
      return 2;
  umask (0);
  source = argc < 3 ? -1 : open (argv[1], O_PATH | O_DIRECTORY);
  struct fuse_args args = FUSE_ARGS_INIT (1, argv);
  struct fuse *fuse = source < 0 ? NULL : fuse_new (&args, &operations, sizeof operations, NULL);
  fuse_opt_free_args (&args);
  if (!fuse || fuse_mount (fuse, argv[2]) < 0)
    return 1;
  pthread_t watcher;
  pthread_create (&watcher, NULL, watch_input, argv[2]);
  puts ("ready");
  fflush (stdout);
  fuse_loop (fuse);
  fuse_unmount (fuse); /* it is, but there is memory to free */
  fuse_destroy (fuse);
  for (int call = 0; call < N_CALLS; call++)
    printf ("%s %u\n", calls[call], rules[call].count);
  return 0;
}
