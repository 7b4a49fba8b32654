/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "net/lan/publisher.h"

#include <string.h>
#include <avahi-client/publish.h>
#include <avahi-common/alternative.h>
#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>

/* Then it is reported as a failure, and tried again later like any other. */
#define NAME_ATTEMPTS_MAX 100

struct Publisher
{
  AvahiClient *client;      /* borrowed */
  AvahiEntryGroup *group;   /* under the name we want to have */
  AvahiEntryGroup *retired; /* under the former name, until that is so; NULL else */
  char *instance;
  int attempts;
  Announcement announcement;
  uint16_t port;
  PublisherFailed failed;
  gpointer user_data;
};

/* An instance name is one DNS label, a byte shorter than our names may be. */
static char *
label_of (const char *name)
{
  const char *end;
  g_utf8_validate_len (name, MIN (strlen (name), AVAHI_LABEL_MAX - 1), &end);
  return g_strndup (name, end - name);
}

static void
take_alternative_name (Publisher *publisher)
{
  char *alternative = avahi_alternative_service_name (publisher->instance);
  g_free (publisher->instance);
  publisher->instance = g_strdup (alternative);
  avahi_free (alternative);
}

static int
add_service (Publisher *publisher, AvahiEntryGroup *group)
{
  AvahiStringList *txt = announcement_to_txt (&publisher->announcement);
  int error = avahi_entry_group_add_service_strlst (group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, 0,
                                                    publisher->instance, ANNOUNCEMENT_SERVICE_TYPE,
                                                    NULL, NULL, publisher->port, txt);
  avahi_string_list_free (txt);
  return error;
}

/* A name that another program on this host has is refused at once; one on another host comes back
 * as a state of the group. */
static void
register_in (Publisher *publisher, AvahiEntryGroup *group)
{
  int error;
  while ((error = add_service (publisher, group)) == AVAHI_ERR_COLLISION &&
         publisher->attempts++ < NAME_ATTEMPTS_MAX)
    {
      take_alternative_name (publisher);
      avahi_entry_group_reset (group);
    }
  if (error == AVAHI_OK)
    error = avahi_entry_group_commit (group);
  if (error != AVAHI_OK)
    publisher->failed (error, publisher->user_data);
}

static void
group_cb (AvahiEntryGroup *group, AvahiEntryGroupState state, void *user_data)
{
  Publisher *publisher = user_data;

  /* Avahi speaks up before avahi_entry_group_new() has returned, and a retired group has no say any
   * more. */
  if (group != publisher->group)
    return;
  switch (state)
    {
    case AVAHI_ENTRY_GROUP_ESTABLISHED:
      g_clear_pointer (&publisher->retired, avahi_entry_group_free);
      break;
    case AVAHI_ENTRY_GROUP_COLLISION:
      if (publisher->attempts++ < NAME_ATTEMPTS_MAX)
        {
          take_alternative_name (publisher);
          avahi_entry_group_reset (group);
          register_in (publisher, group);
        }
      else
        publisher->failed (AVAHI_ERR_COLLISION, publisher->user_data);
      break;
    case AVAHI_ENTRY_GROUP_FAILURE:
      publisher->failed (avahi_client_errno (publisher->client), publisher->user_data);
      break;
    case AVAHI_ENTRY_GROUP_UNCOMMITED:
    case AVAHI_ENTRY_GROUP_REGISTERING:
      break;
    }
}

static void
publish (Publisher *publisher)
{
  g_free (publisher->instance);
  publisher->instance = label_of (publisher->announcement.name);
  publisher->attempts = 0;
  publisher->group = avahi_entry_group_new (publisher->client, group_cb, publisher);
  if (publisher->group)
    register_in (publisher, publisher->group);
  else
    publisher->failed (avahi_client_errno (publisher->client), publisher->user_data);
}

Publisher *
publisher_new (AvahiClient *client, const Announcement *announcement, uint16_t port,
               PublisherFailed failed, gpointer user_data)
{
  Publisher *publisher = g_new (Publisher, 1);
  *publisher = (Publisher) {
    .client = client,
    .announcement = *announcement,
    .port = port,
    .failed = failed,
    .user_data = user_data,
  };
  publish (publisher);
  return publisher;
}

static void
update_txt (Publisher *publisher)
{
  AvahiStringList *txt = announcement_to_txt (&publisher->announcement);
  int error = avahi_entry_group_update_service_txt_strlst (
      publisher->group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, 0, publisher->instance,
      ANNOUNCEMENT_SERVICE_TYPE, NULL, txt);
  avahi_string_list_free (txt);
  if (error != AVAHI_OK)
    publisher->failed (error, publisher->user_data);
}

void
publisher_update (Publisher *publisher, const Announcement *announcement)
{
  bool renamed = strcmp (publisher->announcement.name, announcement->name) != 0;
  if (announcement_equal (&publisher->announcement, announcement) || !publisher->group)
    return;
  publisher->announcement = *announcement;
  if (!renamed)
    {
      update_txt (publisher);
      return;
    }
  g_clear_pointer (&publisher->retired, avahi_entry_group_free);
  publisher->retired = g_steal_pointer (&publisher->group);
  publish (publisher);
}

void
publisher_free (Publisher *publisher)
{
  if (!publisher)
    return;
  g_clear_pointer (&publisher->retired, avahi_entry_group_free);
  g_clear_pointer (&publisher->group, avahi_entry_group_free);
  g_free (publisher->instance);
  g_free (publisher);
}
