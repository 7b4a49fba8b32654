/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strangers who want all there is, at 127.1.0.1 and the addresses after it:
 *
 *   wherry-flood MODE PORT [COUNT [ADDRESSES [BURST]]]
 *
 *   forged     begins handshakes and hears nothing: whoever forges its source does
 *   refused    the same, with a protocol that nobody speaks: the victim closes what it has begun
 *   half-open  answers a Retry, and nothing after it
 *   whole      completes handshakes, as often as it can
 *   garbage    datagrams that are none of QUIC, or nearly some
 *
 * BURST attempts every 2 ms, if it has the time. Goes on until its standard input ends; says "flooding" when it has begun and "COUNT" after so
 * many attempts. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/quic/endpoint_testing.h"

#define ADDRESSES_MAX 200
#define FIRST_ADDRESS 0x7f010001 /* 127.1.0.1 */
/* At once; the oldest is given up, unheard, for the next. */
#define DIALS   128
#define BURST   8
#define PAUSE   2000 /* us */
#define GARBAGE 100

typedef enum
{
  FORGED,
  REFUSED,
  HALF_OPEN,
  WHOLE,
  GARBAGE_ONLY,
} Mode;

static const char *const modes[] = { "forged", "refused", "half-open", "whole", "garbage", NULL };

typedef struct
{
  Link link;
  Mode mode;
  unsigned addresses;
  int fds[ADDRESSES_MAX];
  struct sockaddr_in local[ADDRESSES_MAX];
  struct sockaddr_in victim;
  unsigned next;
  bool mute; /* what is given up says nothing about it */
} FloodLink;

typedef struct
{
  GCancellable *cancellable; /* (owned) (nullable) while it goes on */
} FloodDial;

static LinkResult
flood_send (Link *link, Batch *batch)
{
  FloodLink *self = (FloodLink *) link;
  const struct sockaddr_in *local = (const void *) batch->path.local.addr;
  int fd = self->fds[ntohl (local->sin_addr.s_addr) - FIRST_ADDRESS];
  for (size_t at = 0; at < batch->len && !self->mute; at += batch->segment)
    sendto (fd, batch->data + at, MIN (batch->segment, batch->len - at), 0,
            (struct sockaddr *) &self->victim, sizeof self->victim);
  return LINK_SENT;
}

static bool
is_retry (const uint8_t *data, size_t len)
{
  return len > 0 && (data[0] & 0xf0) == 0xf0;
}

static bool
flood_receive (Link *link, const LinkEvents *events, gpointer owner)
{
  FloodLink *self = (FloodLink *) link;
  static uint8_t data[LINK_BATCH_MAX];
  for (unsigned i = 0; i < self->addresses; i++)
    for (;;)
      {
        ssize_t len = recv (self->fds[i], data, sizeof data, 0);
        if (len < 0)
          break;
        if (self->mode <= REFUSED || (self->mode == HALF_OPEN && !is_retry (data, len)))
          continue;
        Batch batch = { .data = data, .len = len, .segment = len };
        batch.path.local =
            (ngtcp2_addr) { (struct sockaddr *) &self->local[i], sizeof self->local[i] };
        batch.path.remote =
            (ngtcp2_addr) { (struct sockaddr *) &self->victim, sizeof self->victim };
        events->batch (&batch, owner);
      }
  return false;
}

static bool
flood_is_writable (Link *link, LinkFamily family)
{
  return true;
}

static bool
flood_find_local (Link *link, const struct sockaddr *remote, ngtcp2_sockaddr_union *local,
                  GError **error)
{
  FloodLink *self = (FloodLink *) link;
  local->in = self->local[self->next++ % self->addresses];
  return true;
}

static void
flood_free (Link *link)
{
  FloodLink *self = (FloodLink *) link;
  for (unsigned i = 0; i < self->addresses; i++)
    close (self->fds[i]);
}

static void
flood_link_init (FloodLink *self, Mode mode, uint16_t port, unsigned addresses)
{
  *self = (FloodLink) {
    .link = { .receive = flood_receive,
              .send = flood_send,
              .is_writable = flood_is_writable,
              .find_local = flood_find_local,
              .free = flood_free },
    .mode = mode,
    .addresses = CLAMP (addresses, 1, ADDRESSES_MAX),
    .victim = { .sin_family = AF_INET,
                .sin_port = htons (port),
                .sin_addr.s_addr = htonl (INADDR_LOOPBACK) },
  };
  for (unsigned i = 0; i < self->addresses; i++)
    {
      socklen_t len = sizeof self->local[i];
      self->local[i] = (struct sockaddr_in) { .sin_family = AF_INET,
                                              .sin_addr.s_addr = htonl (FIRST_ADDRESS + i) };
      self->fds[i] = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (self->fds[i] < 0 || bind (self->fds[i], (struct sockaddr *) &self->local[i], len) != 0 ||
          getsockname (self->fds[i], (struct sockaddr *) &self->local[i], &len) != 0)
        g_error ("127.1.0.%u: %s", i + 1, g_strerror (errno));
    }
}

static ngtcp2_tstamp
now_cb (gpointer data)
{
  return g_get_monotonic_time () * NGTCP2_MICROSECONDS;
}

static void
dialled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FloodDial *dial = user_data;
  g_autoptr (QuicConnection) connection = quic_endpoint_connect_finish (NULL, result, NULL);
  g_clear_object (&dial->cancellable);
}

static void
turn (FloodLink *link, QuicEndpoint *endpoint)
{
  while (demux_turn (quic_endpoint_get_demux (endpoint)))
    ;
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
give_up (FloodDial *dial, FloodLink *link, QuicEndpoint *endpoint)
{
  if (!dial->cancellable)
    return;
  g_cancellable_cancel (dial->cancellable);
  link->mute = true;
  while (dial->cancellable)
    turn (link, endpoint);
  link->mute = false;
}

static void
dial_once (FloodDial *dial, FloodLink *link, QuicEndpoint *endpoint)
{
  g_autoptr (GInetSocketAddress) victim =
      G_INET_SOCKET_ADDRESS (g_socket_address_new_from_native (&link->victim, sizeof link->victim));
  const char *alpn = link->mode == REFUSED ? "wherry/nothing/1" : "wherry/message/1";
  give_up (dial, link, endpoint);
  dial->cancellable = g_cancellable_new ();
  quic_endpoint_connect_any_async (endpoint, victim, alpn, dial->cancellable, dialled_cb, dial);
  turn (link, endpoint);
}

static void
throw_garbage (FloodLink *link)
{
  uint8_t data[1400];
  randombytes_buf (data, sizeof data);
  switch (data[0] % 4)
    {
    case 0: /* an Initial packet of version 1, as far as it goes */
      memcpy (data, "\xc3\0\0\0\1\x8", 6);
      break;
    case 1: /* of another version */
      memcpy (data, "\xc3\xba\xbe\xba\xbe\x8", 6);
      break;
    case 2: /* of a connection that nobody knows */
      data[0] = 0x40;
      break;
    default:
      break;
    }
  sendto (link->fds[link->next++ % link->addresses], data, 1 + data[7] * 5, 0,
          (struct sockaddr *) &link->victim, sizeof link->victim);
}

static gpointer
wait_for_end (gpointer ended)
{
  char byte;
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  g_atomic_int_set ((int *) ended, 1);
  return NULL;
}

static void
flood (FloodLink *link, QuicEndpoint *endpoint, uint64_t count, unsigned burst)
{
  static FloodDial dials[DIALS];
  static int ended;
  g_thread_unref (g_thread_new ("stdin", wait_for_end, &ended));
  for (uint64_t attempts = 0; !g_atomic_int_get (&ended); g_usleep (PAUSE))
    {
      for (unsigned i = 0; i < burst; i++)
        if (link->mode == GARBAGE_ONLY)
          throw_garbage (link);
        else
          dial_once (&dials[(attempts + i) % DIALS], link, endpoint);
      if (attempts == 0)
        puts ("flooding");
      if (attempts < count && attempts + burst >= count)
        printf ("%" G_GUINT64_FORMAT "\n", count);
      fflush (stdout);
      attempts += burst;
    }
  for (unsigned i = 0; i < DIALS; i++)
    give_up (&dials[i], link, endpoint);
}

int
main (int argc, char **argv)
{
  FloodLink link;
  unsigned mode = 0;
  while (argc > 2 && modes[mode] && !g_str_equal (modes[mode], argv[1]))
    mode++;
  if (argc < 3 || !modes[mode] || sodium_init () < 0)
    {
      fprintf (
          stderr,
          "usage: %s forged|refused|half-open|whole|garbage PORT [COUNT [ADDRESSES [BURST]]]\n",
          argv[0]);
      return 2;
    }
  flood_link_init (&link, mode, (uint16_t) atoi (argv[2]), argc > 4 ? atoi (argv[4]) : 64);
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  g_autoptr (GError) error = NULL;
  QuicEndpoint *endpoint =
      quic_endpoint_new_for_link (identity, &link.link, (Clock) { now_cb, NULL }, &error);
  if (!endpoint)
    g_error ("%s", error->message);
  flood (&link, endpoint, argc > 3 ? g_ascii_strtoull (argv[3], NULL, 10) : 0,
         argc > 5               ? (unsigned) atoi (argv[5])
         : mode == GARBAGE_ONLY ? GARBAGE
                                : BURST);
  quic_endpoint_close (endpoint);
  return 0;
}
