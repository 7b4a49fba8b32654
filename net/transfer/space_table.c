/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/space_table.h"

#include "net/disk/free_space.h"
#include "net/async/worker.h"

struct SpaceTable
{
  GQueue shares; /* (element-type SpaceShare) */
};

struct SpaceShare
{
  SpaceTable *table;
  GList link; /* in table->shares */
  dev_t disk;
  uint64_t bytes;
  uint64_t used;
};

static Space *
space_copy (Space *space)
{
  return g_memdup2 (space, sizeof *space);
}

G_DEFINE_BOXED_TYPE (Space, space, space_copy, g_free)

/* Shared by the thread and whoever waits for it, which may give up first. */
typedef struct
{
  GFile *folder;
  Space space;
} Question;

static void
question_clear (gpointer data)
{
  g_object_unref (((Question *) data)->folder);
}

static void
question_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, question_clear);
}

static bool
ask (gpointer data, GError **error)
{
  Question *question = data;
  question->space.available = free_space_measure (question->folder, &question->space.disk);
  return true;
}

static DexFuture *
answered_cb (DexFuture *asking, gpointer data)
{
  Question *question = data;
  return dex_future_new_take_boxed (SPACE_TYPE_SPACE, space_copy (&question->space));
}

static DexFuture *
done_cb (DexFuture *asking, gpointer data)
{
  return dex_future_new_true ();
}

DexFuture *
space_ask (GFile *folder)
{
  Question *question = g_atomic_rc_box_new0 (Question);
  question->folder = g_object_ref (folder);
  DexFuture *asking = worker_start ("wherry-space", ask, question);
  /* Keeps the question as long as the thread runs, whoever waits. */
  dex_future_disown (dex_future_finally (dex_ref (asking), done_cb,
                                         g_atomic_rc_box_acquire (question), question_unref));
  return dex_future_then (asking, answered_cb, question, question_unref);
}

SpaceTable *
space_table_new (void)
{
  return g_new0 (SpaceTable, 1);
}

void
space_table_free (SpaceTable *self)
{
  g_assert (g_queue_is_empty (&self->shares));
  g_free (self);
}

uint64_t
space_table_left (const SpaceTable *self, const Space *space)
{
  uint64_t left = space->available;
  for (const GList *l = self->shares.head; l; l = l->next)
    {
      const SpaceShare *share = l->data;
      if (share->disk == space->disk)
        left -= MIN (left, share->bytes - share->used);
    }
  return left;
}

SpaceShare *
space_share_new (SpaceTable *table, const Space *space, uint64_t bytes)
{
  if (bytes > space_table_left (table, space))
    return NULL;
  SpaceShare *self = g_new0 (SpaceShare, 1);
  *self = (SpaceShare) { .table = table, .disk = space->disk, .bytes = bytes };
  self->link.data = self;
  g_queue_push_tail_link (&table->shares, &self->link);
  return self;
}

void
space_share_used (SpaceShare *self, uint64_t bytes)
{
  self->used = MIN (bytes, self->bytes);
}

void
space_share_free (SpaceShare *self)
{
  g_queue_unlink (&self->table->shares, &self->link);
  g_free (self);
}
