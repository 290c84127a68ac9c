// Lines without readline: what is piped in, and a terminal's where readline is unwanted or missing.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <unistd.h>

#include "CReadline.h"
#include "PromptSignals.h"

/// Whether Ctrl-C came; the terminal itself has dropped what was typed then.
static bool was_cleared(void) {
  if (!(sonde_arrived & 1 << SIGINT)) return false;
  sonde_arrived = 0;
  putchar('\n');
  fflush(stdout);
  return true;
}

/// Waits until a terminal has a line or Ctrl-C has come: getline would miss one that comes just before it reads.
static void wait_for_line(void) {
  sigset_t interrupt, before;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  pthread_sigmask(SIG_BLOCK, &interrupt, &before);
  for (int ready = 0; ready <= 0 && !(sonde_arrived & 1 << SIGINT);) {
    fd_set input;
    FD_ZERO(&input);
    FD_SET(STDIN_FILENO, &input);
    ready = pselect(STDIN_FILENO + 1, &input, NULL, NULL, NULL, &before);
    if (ready < 0 && errno != EINTR) break;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/// What Linux keeps of a line that the terminal edits, without its end; it drops the rest without a word.
enum { TERMINAL_LINE = 4095 };

SondeInput sonde_read_plain_line(void) {
  char *text = NULL;
  size_t room = 0;
  // a terminal gives one line at a time, so none lies in the stream's buffer
  if (isatty(STDIN_FILENO)) wait_for_line();
  if (was_cleared()) return (SondeInput){.status = SONDE_CLEARED};
  ssize_t count = getline(&text, &room, stdin);
  if (count < 0) {
    free(text);
    // after the Ctrl-D that ended an unfinished chunk a terminal has more lines
    clearerr(stdin);
    return (SondeInput){.status = was_cleared() ? SONDE_CLEARED : SONDE_END};
  }
  if (count > 0 && text[count - 1] == '\n') text[--count] = '\0';
  if (count >= TERMINAL_LINE && isatty(STDIN_FILENO)) {
    free(text);
    return (SondeInput){.status = SONDE_CUT};
  }
  return (SondeInput){.status = SONDE_LINE, .text = text, .length = (size_t)count};
}

#ifdef SONDE_WITHOUT_READLINE

#include "Readline.h"

// Nobody asks for these in a build whose sonde_readline_version is NULL; they are here to be linked.
const char *sonde_readline_version(void) { return NULL; }
void sonde_readline_begin(void) {}
SondeInput sonde_read_line(const char *prompt, const SondePending *pending) {
  (void)prompt, (void)pending;
  return sonde_read_plain_line();
}
void sonde_history_begin(int limit) { (void)limit; }
void sonde_history_add(const char *entry) { (void)entry; }
void sonde_history_move(const char *entry) { (void)entry; }
void sonde_completion_open(void *context, sonde_complete_function *complete, sonde_list_function *list) {
  (void)context, (void)complete, (void)list;
}
void sonde_matches_begin(SondeMatches *matches, size_t start, const void *text, size_t length) {
  (void)matches, (void)start, (void)text, (void)length;
}
void sonde_matches_add(SondeMatches *matches, const void *text, size_t length) {
  (void)matches, (void)text, (void)length;
}
void sonde_list_line(const void *text, size_t length) { (void)text, (void)length; }

#endif
