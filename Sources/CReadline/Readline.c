// Readline keeps its state in C globals, so its handlers live here and nowhere else.
#include "CReadline.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

static char *line;
static bool done;
static volatile sig_atomic_t interrupted;

static void on_line(char *text) {
  line = text;
  done = true;
  rl_callback_handler_remove();
}

static void on_interrupt(int number) {
  (void)number;
  interrupted = 1;
}

/// Drops what was typed, as a shell does on Ctrl-C.
static void clear_line(void) {
  rl_free_line_state();
  rl_callback_sigcleanup();
  rl_callback_handler_remove();
  fputs("^C\n", rl_outstream ? rl_outstream : stdout);
}

/// Feeds readline until a line is whole. SIGINT is let through only while waiting, so none is missed.
static int wait_for_line(const sigset_t *while_waiting) {
  while (!done) {
    fd_set input;
    FD_ZERO(&input);
    FD_SET(STDIN_FILENO, &input);
    if (interrupted) {
      clear_line();
      return SONDE_CLEARED;
    }
    int ready = pselect(STDIN_FILENO + 1, &input, NULL, NULL, NULL, while_waiting);
    if (ready > 0) rl_callback_read_char();
    else if (ready < 0 && errno == EINTR) rl_check_signals();
    else if (ready < 0) return SONDE_FAILED;
  }
  return line ? SONDE_LINE : SONDE_END;
}

char *sonde_read_line(const char *prompt, int *status) {
  struct sigaction ours = {.sa_handler = on_interrupt}, before;
  sigset_t blocked, mask;
  sigemptyset(&ours.sa_mask);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  interrupted = 0;
  done = false;
  line = NULL;
  rl_catch_signals = 0;
  rl_readline_name = "sonde";
  sigprocmask(SIG_BLOCK, &blocked, &mask);
  sigaction(SIGINT, &ours, &before);
  rl_callback_handler_install(prompt, on_line);
  *status = wait_for_line(&mask);
  if (*status == SONDE_FAILED) rl_callback_handler_remove();
  sigaction(SIGINT, &before, NULL);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  return line;
}

void sonde_history_load(const char *path) {
  using_history();
  read_history(path);
}

void sonde_history_add(const char *entry) {
  HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
  if (!last || strcmp(last->line, entry) != 0) add_history(entry);
}

bool sonde_history_save(const char *path, int limit) {
  stifle_history(limit);
  return write_history(path) == 0;
}
