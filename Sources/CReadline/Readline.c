// Readline keeps its state in C globals, so its handlers live here and nowhere else.
#include "CReadline.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

// MARK: Signals

/// What must find the terminal as it was before readline. While a line is awaited they are let through only inside
/// pselect, so none is missed; elsewhere, when Lua runs, the terminal is in its usual mode and they need no care.
static const int caught[] = {SIGINT, SIGTSTP, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};
enum { CAUGHT = sizeof caught / sizeof *caught };

/// A bit for each signal that has come.
static volatile sig_atomic_t arrived;
static struct sigaction before_prompt;

static pthread_t prompt_thread;

static void note(int number) {
  // A signal of the process goes to any thread that does not block it, a worker's too; only its own wakes pselect.
  if (pthread_equal(pthread_self(), prompt_thread)) arrived |= 1 << number;
  else pthread_kill(prompt_thread, number);
}

/// The handler that only takes note; nothing interrupts it.
static struct sigaction noting(void) {
  struct sigaction ours = {.sa_handler = note};
  sigfillset(&ours.sa_mask);
  return ours;
}

void sonde_prompt_begin(void) {
  prompt_thread = pthread_self();
  struct sigaction ours = noting();
  sigaction(SIGINT, &ours, &before_prompt);
}

void sonde_prompt_end(void) { sigaction(SIGINT, &before_prompt, NULL); }

/// Catches the signals and blocks them; `*mask` is what was blocked before.
static void catch_signals(struct sigaction before[CAUGHT], sigset_t *mask) {
  struct sigaction ours = noting();
  sigset_t blocked;
  sigemptyset(&blocked);
  for (int i = 0; i < CAUGHT; i++) sigaddset(&blocked, caught[i]);
  sigprocmask(SIG_BLOCK, &blocked, mask);
  for (int i = 0; i < CAUGHT; i++) {
    sigaction(caught[i], NULL, &before[i]);
    // Whoever started the program with a signal ignored, nohup say, wants it ignored.
    if (before[i].sa_handler != SIG_IGN) sigaction(caught[i], &ours, NULL);
  }
}

static void release_signals(const struct sigaction before[CAUGHT], const sigset_t *mask) {
  for (int i = 0; i < CAUGHT; i++) sigaction(caught[i], &before[i], NULL);
  sigprocmask(SIG_SETMASK, mask, NULL);
}

/// Lets a signal that stops or ends the process do so with the terminal restored, and takes up again afterwards.
static void pass_on(int number) {
  struct sigaction usual = {.sa_handler = SIG_DFL}, ours;
  sigset_t one;
  sigemptyset(&usual.sa_mask);
  sigemptyset(&one);
  sigaddset(&one, number);
  rl_cleanup_after_signal();
  sigaction(number, &usual, &ours);
  raise(number);
  sigprocmask(SIG_UNBLOCK, &one, NULL);
  sigprocmask(SIG_BLOCK, &one, NULL);
  sigaction(number, &ours, NULL);
  rl_reset_after_signal();
  rl_forced_update_display();
}

// MARK: Lines

static char *line;
static bool done;

static void on_line(char *text) {
  line = text;
  done = true;
  rl_callback_handler_remove();
}

/// Drops what was typed, as a shell does on Ctrl-C.
static void clear_line(void) {
  rl_callback_sigcleanup();
  rl_end_of_line(1, 0);
  rl_redisplay();
  rl_free_line_state();
  rl_callback_handler_remove();
  fputs("^C\n", rl_outstream ? rl_outstream : stdout);
}

/// Deals with what has come, all signals being blocked; answers whether it cleared the line.
static bool handle_signals(void) {
  int signals = arrived;
  arrived = 0;
  for (int i = 0; i < CAUGHT; i++) {
    if (caught[i] == SIGINT || !(signals & 1 << caught[i])) continue;
    if (caught[i] == SIGWINCH) rl_resize_terminal();
    else pass_on(caught[i]);
  }
  if (signals & 1 << SIGINT) clear_line();
  return signals & 1 << SIGINT;
}

/// Feeds readline until a line is whole.
static int wait_for_line(const sigset_t *while_waiting) {
  while (!done) {
    if (arrived && handle_signals()) return SONDE_CLEARED;
    fd_set input;
    FD_ZERO(&input);
    FD_SET(STDIN_FILENO, &input);
    int ready = pselect(STDIN_FILENO + 1, &input, NULL, NULL, NULL, while_waiting);
    if (ready > 0) {
      rl_callback_read_char();
    } else if (ready < 0 && errno != EINTR) {
      rl_callback_handler_remove();
      return SONDE_END;
    }
  }
  return line ? SONDE_LINE : SONDE_END;
}

char *sonde_read_line(const char *prompt, int *status) {
  struct sigaction before[CAUGHT];
  sigset_t mask;
  done = false;
  line = NULL;
  arrived = 0;
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  rl_readline_name = "sonde";
  // Readline keeps the Ctrl-D that ended an unfinished chunk, and would add a blank line to every line from then on.
  rl_eof_found = 0;
  catch_signals(before, &mask);
  rl_callback_handler_install(prompt, on_line);
  *status = wait_for_line(&mask);
  release_signals(before, &mask);
  return line;
}

char *sonde_read_plain_line(size_t *length) {
  char *text = NULL;
  size_t room = 0;
  ssize_t count = getline(&text, &room, stdin);
  if (count < 0) {
    free(text);
    return NULL;
  }
  if (count > 0 && text[count - 1] == '\n') count--;
  *length = (size_t)count;
  return text;
}

// MARK: History

static char *history_path;

void sonde_history_open(const char *path, int limit) {
  using_history();
  stifle_history(limit);
  if (!path) return;
  // With a line of its own for each entry's time the file can hold entries of several lines.
  history_comment_char = '#';
  history_write_timestamps = 1;
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file >= 0) close(file);
  if (read_history(path) != 0) return;
  if (file < 0) return;
  history_path = strdup(path);
  history_truncate_file(path, limit);
}

/// Entries go to the file one by one: os.exit and two prompts at once lose none.
void sonde_history_add(const char *entry) {
  HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
  if (last && strcmp(last->line, entry) == 0) return;
  add_history(entry);
  if (history_path) append_history(1, history_path);
}
