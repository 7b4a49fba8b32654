/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing outside is reached, with the kernel's help and without. */
#include "net/disk/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/scratch.h"

static void
assert_refused (int dir, const char *path)
{
  int fd = open_beneath (dir, path, O_RDONLY, 0);
  g_assert_cmpint (fd, ==, -1);
}

static void
assert_reads (int dir, const char *path, const char *content)
{
  char text[16] = "";
  int fd = open_beneath (dir, path, O_RDONLY, 0);
  g_assert_no_errno (fd);
  g_assert_no_errno ((int) read (fd, text, sizeof text - 1));
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  close (fd);
  g_assert_cmpstr (text, ==, content);
}

static void
check_everything (void)
{
  g_auto (Scratch) scratch = { 0 };
  scratch_init (&scratch);
  scratch_write (&scratch, "secret", "secret", -1);
  scratch_write (&scratch, "in/a/b", "b", -1);
  g_autofree char *in = scratch_path (&scratch, "in");
  g_autofree char *to_file = scratch_path (&scratch, "in/a/file-link");
  g_autofree char *to_folder = scratch_path (&scratch, "in/folder-link");
  g_assert_no_errno (symlink ("b", to_file));
  g_assert_no_errno (symlink ("..", to_folder));
  int dir = open (in, O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_assert_no_errno (dir);

  assert_reads (dir, "a/b", "b");
  assert_refused (dir, "a/file-link");
  assert_refused (dir, "folder-link/secret");
  assert_refused (dir, "../secret");
  assert_refused (dir, "a/../../secret");
  assert_refused (dir, "/etc/passwd");
  assert_refused (dir, "a/b/c");
  assert_refused (dir, "missing/b");

  int made = open_beneath (dir, "a/new", O_WRONLY | O_CREAT | O_EXCL, 0600);
  g_assert_no_errno (made);
  close (made);
  g_assert_cmpint (open_beneath (dir, "a/new", O_WRONLY | O_CREAT | O_EXCL, 0600), ==, -1);
  g_assert_cmpint (open_beneath (dir, "a/file-link", O_WRONLY | O_CREAT | O_EXCL, 0600), ==, -1);
  int same = open_beneath (dir, ".", O_RDONLY | O_DIRECTORY, 0);
  g_assert_no_errno (same);
  close (same);
  close (dir);
}

/* For good: in a child. */
static void
forbid_openat2 (void)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };
  g_assert_no_errno (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  g_assert_no_errno (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
  g_assert_cmpint (syscall (SYS_openat2, -1, "", NULL, 0), ==, -1);
  g_assert_cmpint (errno, ==, ENOSYS);
}

static void
without_openat2 (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  forbid_openat2 ();
  check_everything ();
}

static void
longer_than_the_kernel_takes (void)
{
  g_auto (Scratch) scratch = { 0 };
  scratch_init (&scratch);
  scratch_mkdir (&scratch, "in");
  g_autofree char *in = scratch_path (&scratch, "in");
  g_autofree char *component = g_strnfill (200, 'x');
  g_autoptr (GString) path = g_string_new (NULL);
  int root = open (in, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int at = dup (root);
  while (path->len < PATH_MAX + 500)
    {
      g_assert_no_errno (mkdirat (at, component, 0755));
      int next = openat (at, component, O_PATH | O_DIRECTORY | O_CLOEXEC);
      close (at);
      at = next;
      g_string_append_printf (path, "%s/", component);
    }
  g_string_append (path, "leaf");
  int leaf = openat (at, "leaf", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (write (leaf, "deep", 4), ==, 4);
  close (leaf);
  close (at);
  assert_reads (root, path->str, "deep");
  close (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/beneath/with-openat2", check_everything);
  g_test_add_func ("/beneath/without-openat2", without_openat2);
  g_test_add_func ("/beneath/longer-than-the-kernel-takes", longer_than_the_kernel_takes);
  return g_test_run ();
}
