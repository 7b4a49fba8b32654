/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/name_claim.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "net/core/free_name.h"
#include "net/core/path.h"

/* How often a name that was free a moment ago may turn out to be taken. */
#define ROUNDS_MAX 16

/* What a refused name is exchanged for, one after the other. eCryptfs takes 143 bytes, and some
 * remote ones fewer. */
static const struct
{
  size_t max;
  bool ascii;
} substitutes[] = { { PATH_COMPONENT_MAX, false }, { 143, false }, { 100, true } };

static bool
is_taken (const char *name, void *user_data)
{
  struct stat there;
  return fstatat (*(const int *) user_data, name, &there, AT_SYMLINK_NOFOLLOW) == 0;
}

static char *
claim_like (int dir, const char *name, NameClaim claim, gpointer user_data)
{
  if (claim (dir, name, user_data) == 0)
    return g_strdup (name);
  unsigned n = 0;
  for (int round = 0; errno == EEXIST && round < ROUNDS_MAX; round++)
    {
      g_autofree char *free_name = free_name_find (name, &n, is_taken, &dir);
      if (!free_name)
        {
          errno = EEXIST;
          return NULL;
        }
      if (claim (dir, free_name, user_data) == 0)
        return g_steal_pointer (&free_name);
    }
  return NULL;
}

/* vfat, exfat, NTFS: EINVAL; where a character set cannot say it: EILSEQ; CIFS: ENOENT; vboxsf:
 * EPROTO. */
static bool
is_refused_name (int code)
{
  return code == EINVAL || code == EILSEQ || code == ENAMETOOLONG || code == ENOENT ||
         code == EPROTO;
}

char *
name_claim (int dir, const char *wanted, NameClaim claim, gpointer user_data, int *refused)
{
  *refused = 0;
  char *name = claim_like (dir, wanted, claim, user_data);
  int code = errno;
  g_autofree char *last = g_strdup (wanted);
  for (size_t i = 0; !name && is_refused_name (errno) && i < G_N_ELEMENTS (substitutes); i++)
    {
      char *like = path_portable_component (wanted, substitutes[i].max, substitutes[i].ascii);
      bool is_new = !g_str_equal (like, last);
      g_free (last);
      last = like;
      if (!is_new)
        continue;
      name = claim_like (dir, like, claim, user_data);
      *refused = name ? code : 0;
    }
  if (!name && is_refused_name (errno))
    errno = code;
  return name;
}
