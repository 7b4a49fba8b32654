/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/signals.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define SAME_MS 200

static const int ending[] = { SIGHUP,  SIGINT,  SIGQUIT,   SIGTERM, SIGPIPE, SIGALRM, SIGUSR1,
                              SIGUSR2, SIGXCPU, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,  SIGSTKFLT };

static int event_fd;
static int end_status;
static volatile sig_atomic_t first;
static int64_t first_ms;
static void (*end) (int number, gpointer user_data);

static int64_t
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Only what POSIX allows in a signal handler. */
static void
signal_handler (int number, siginfo_t *info, void *context)
{
  int before = errno;

  /* Our own write to something closed; its caller is told by EPIPE. */
  if (number == SIGPIPE && info->si_pid == getpid ())
    return;
  if (first && now_ms () - first_ms > SAME_MS)
    _exit (end_status);
  if (!first)
    {
      first = number;
      first_ms = now_ms ();
      if (write (event_fd, &(uint64_t) { 1 }, sizeof (uint64_t)) < 0)
        _exit (end_status);
    }
  errno = before;
}

static gboolean
signal_cb (int fd, GIOCondition condition, gpointer user_data)
{
  end (first, user_data);
  return G_SOURCE_REMOVE;
}

void
signals_watch (void (*ended) (int number, gpointer user_data), int status, gpointer user_data)
{
  struct sigaction action = { .sa_sigaction = signal_handler, .sa_flags = SA_SIGINFO | SA_RESTART };
  struct sigaction before;

  event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  end = ended;
  end_status = status;
  g_unix_fd_add (event_fd, G_IO_IN, signal_cb, user_data);
  sigfillset (&action.sa_mask);
  for (size_t i = 0; i < G_N_ELEMENTS (ending); i++)
    {
      sigaction (ending[i], NULL, &before);
      if (ending[i] != SIGHUP || before.sa_handler != SIG_IGN)
        sigaction (ending[i], &action, NULL);
    }
  /* A file that grows too large is a failed write, not the end. */
  signal (SIGXFSZ, SIG_IGN);
}
