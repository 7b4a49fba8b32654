/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/client.h"

#include "net/node_open.h"
#include "net/peer/device_registry.h"
#include "net/peer/sentences.h"
#include "net/remote.h"
#include "net/store/data_dir.h"

DexFuture *
wherry_client_open (const ClientOptions *options)
{
  return wherry_node_open (options);
}

WherryClient *
wherry_client_open_sync (const ClientOptions *options, char **warning, GError **error)
{
  g_autoptr (GError) failure = NULL;
  WherryClient *client = (WherryClient *) wherry_node_new (options, warning, &failure);
  if (client)
    return client;
  if (options->share && g_error_matches (failure, CLIENT_ERROR, CLIENT_ERROR_LOCKED))
    {
      g_autoptr (GError) unknown = NULL;
      client = (WherryClient *) wherry_remote_new (options->data_dir, &unknown);
      if (client)
        return client;
      g_info ("who runs on the data directory is not asked: %s", unknown->message);
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

int64_t
wherry_client_find_holder (const char *data_dir)
{
  return data_dir_find_holder (data_dir);
}

GPtrArray *
wherry_client_list_paired (const char *data_dir, GError **error)
{
  GError *local = NULL;
  GPtrArray *devices = device_registry_peek (data_dir, &local);
  if (devices)
    return devices;
  error_take_sentence (local);
  g_propagate_error (error, local);
  return NULL;
}
