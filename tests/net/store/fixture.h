/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A data folder of its own for each test, in the file system of the temporary folder. */
#pragma once

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/core/identity.h"
#include "net/store/network_state.h"

/* The last warning that nobody has asked for yet. */
static char *warning;

static inline GLogWriterOutput
keep_warning_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level & G_LOG_LEVEL_MASK & ~G_LOG_LEVEL_WARNING)
    return g_log_writer_default (level, fields, n_fields, user_data);
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      {
        g_free (warning);
        warning = g_strndup (fields[i].value, fields[i].length < 0 ? strlen (fields[i].value)
                                                                   : (gsize) fields[i].length);
      }
  return G_LOG_WRITER_HANDLED;
}

static inline void
assert_warned (const char *part)
{
  g_assert_nonnull (warning);
  g_assert_nonnull (strstr (warning, part));
  g_clear_pointer (&warning, g_free);
}

/* A root such as a pairing makes. */
static const uint8_t random_root[PAIRING_ROOT_LEN] = {
  0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
  0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
};

typedef struct
{
  char *path;
  DataDir *dir;
} Folder;

static inline void
folder_set_up (Folder *folder, gconstpointer data)
{
  folder->path = g_dir_make_tmp ("wherry-store-XXXXXX", NULL);
  folder->dir = data_dir_open (folder->path, NULL);
  g_assert_nonnull (folder->dir);
}

static inline void
remove_tree (const char *path)
{
  g_autoptr (GDir) entries = g_dir_open (path, 0, NULL);
  const char *name;
  while (entries && (name = g_dir_read_name (entries)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_assert_no_errno (g_remove (path));
}

static inline void
folder_tear_down (Folder *folder, gconstpointer data)
{
  g_assert_cmpstr (warning, ==, NULL);
  g_clear_pointer (&folder->dir, data_dir_close);
  remove_tree (folder->path);
  g_free (folder->path);
}

static inline char *
folder_read (Folder *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static inline void
folder_write (Folder *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* For our eyes only, as the secrets are. */
static inline void
folder_write_bytes (Folder *folder, const char *name, const void *data, gsize len)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  g_assert_true (
      g_file_set_contents_full (path, data, (gssize) len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static inline mode_t
folder_mode (Folder *folder, const char *name)
{
  struct stat st;
  g_assert_no_errno (fstatat (data_dir_get_fd (folder->dir), name, &st, AT_SYMLINK_NOFOLLOW));
  return st.st_mode & 07777;
}

/* The first name that starts with @prefix. */
static inline char *
folder_find (Folder *folder, const char *prefix)
{
  g_autoptr (GDir) entries = g_dir_open (folder->path, 0, NULL);
  const char *name;
  while ((name = g_dir_read_name (entries)))
    if (g_str_has_prefix (name, prefix))
      return g_strdup (name);
  return NULL;
}

/* The device whose seed is @number in every byte. */
static inline DeviceInfo
device_numbered (uint8_t number)
{
  DeviceInfo info = { .type = DEVICE_LAPTOP, .version = "1.0" };
  uint8_t seed[NODE_SEED_LEN];
  g_autoptr (NodeIdentity) identity = NULL;
  memset (seed, number, sizeof seed);
  identity = node_identity_from_seed (seed);
  info.node_id = *node_identity_get_id (identity);
  g_snprintf (info.device_id, sizeof info.device_id, "00000000-0000-4000-8000-0000000000%02x",
              number);
  g_snprintf (info.name, sizeof info.name, "Device %u", number);
  return info;
}

/* What net/pairing/pair_store does from a fiber. */
static inline void
store_pairing (Secrets *secrets, NetworkState *state, const DeviceInfo *info,
               GInetSocketAddress *address)
{
  g_autoptr (PairedDevice) before = NULL;
  g_assert_true (secrets_store_root (secrets, &info->node_id, random_root, NULL));
  g_assert_true (network_state_put_paired (state, info, address, &before, NULL));
  g_assert_true (state_writer_flush (network_state_get_writer (state), NULL));
}

static inline GInetSocketAddress *
address_of (const char *host, guint16 port)
{
  return G_INET_SOCKET_ADDRESS (g_inet_socket_address_new_from_string (host, port));
}

#define ADD(path, function)                                                                        \
  g_test_add (path, Folder, NULL, folder_set_up, function, folder_tear_down)

static inline int
run_tests (void)
{
  g_log_set_writer_func (keep_warning_cb, NULL, NULL);
  return g_test_run ();
}
