// A clock that ticks from Ctrl-C until what ran has stopped: one signal alone may come where it can do nothing yet.
#define _GNU_SOURCE
#include "Runtime.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__

/// Nobody minds a tick that comes too late: where this signal has no handler the system ignores it.
enum { TICK = SIGURG, NANOSECONDS = 100000 };

static timer_t timer;
/// The process that has made the timer; a child has none.
static pid_t owner;
static struct sigaction before;

static void set(long nanoseconds) {
  const struct timespec pause = {0, nanoseconds};
  if (owner == getpid()) timer_settime(timer, 0, &(struct itimerspec){pause, pause}, NULL);
}

void sonde_ticks_hear(void (*handler)(int number, siginfo_t *info, void *context)) {
  if (owner != getpid()) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = TICK};
    owner = timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 ? getpid() : 0;
  }
  struct sigaction ours = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigemptyset(&ours.sa_mask);
  sigaddset(&ours.sa_mask, SIGINT);
  sigaction(TICK, &ours, &before);
}

void sonde_ticks_leave(void) {
  sonde_ticks_stop();
  sigaction(TICK, &before, NULL);
}

void sonde_ticks_start(void) { set(NANOSECONDS); }

void sonde_ticks_stop(void) { set(0); }

int sonde_ticks_signal(void) { return TICK; }

#else

void sonde_ticks_hear(void (*handler)(int number, siginfo_t *info, void *context)) { (void)handler; }
void sonde_ticks_leave(void) {}
void sonde_ticks_start(void) {}
void sonde_ticks_stop(void) {}
int sonde_ticks_signal(void) { return SIGURG; }

#endif
