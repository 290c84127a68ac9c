// Readline keeps its state in C globals, so its handlers live here, those of keys in Keys.c and those of Tab in Completion.c.
#include "CReadline.h"
#include "PromptSignals.h"
#include "Readline.h"

#ifndef SONDE_WITHOUT_READLINE

#include <errno.h>
#include <poll.h>
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

/// Catches the signals and blocks them; `*mask` is what was blocked before.
static void catch_signals(struct sigaction before[CAUGHT], sigset_t *mask) {
  struct sigaction ours = sonde_noting();
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

/// Whether ~/.inputrc leaves the marks of pastes on.
static bool marks_pastes;

/// Commands that take one key, a character to search for say, look whether a paste begins with it and put back what does
/// not; readline 8.2 crashes on that when it is fed by callbacks. So it knows of pastes only while it has the terminal mark
/// them; the key that inserts them is ours.
static void know_pastes(bool know) {
  if (marks_pastes) rl_variable_bind("enable-bracketed-paste", know ? "on" : "off");
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
  know_pastes(true);
  rl_reset_after_signal();
  know_pastes(false);
  rl_forced_update_display();
}

// MARK: Keys within a command

/// What is let through while a key is awaited.
static sigset_t while_waiting;

/// Waits for input or a signal, as pselect, which would rather answer input: what was typed behind Ctrl-C waits for it here.
static int wait_for_input(void) {
  fd_set input;
  sigset_t pending;
  FD_ZERO(&input);
  FD_SET(STDIN_FILENO, &input);
  int ready = pselect(STDIN_FILENO + 1, &input, NULL, NULL, NULL, &while_waiting);
  if (ready <= 0 || sigpending(&pending) != 0) return ready;
  for (int i = 0; i < CAUGHT; i++) {
    if (sigismember(&pending, caught[i])) return sigsuspend(&while_waiting);
  }
  return ready;
}

/// Lets pass on what has come but for Ctrl-C and a new size, which are for whoever waits for the line.
static void pass_on_all(void) {
  for (int i = 0; i < CAUGHT; i++) {
    if (caught[i] == SIGINT || caught[i] == SIGWINCH || !(sonde_arrived & 1 << caught[i])) continue;
    sonde_arrived &= ~(1 << caught[i]);
    pass_on(caught[i]);
  }
}

static bool has_input(void) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  return poll(&input, 1, 0) > 0;
}

/// Whether Ctrl-C waits to be dealt with.
static bool is_interrupted(void) {
  sigset_t pending;
  return sonde_arrived & 1 << SIGINT || (sigpending(&pending) == 0 && sigismember(&pending, SIGINT));
}

/// Whether readline inserts what is typed, and looks for more of it.
static bool is_inserting(void) {
  int key = rl_executing_key;
  return rl_executing_keymap && key >= 0 && key < KEYMAP_SIZE && rl_executing_keymap[key].function == rl_insert;
}

/// Ctrl-D, which ends the input on an empty line, and is to end it on one that we have indented.
enum { END_OF_INPUT = 4 };

/// A key that was read and not yet given to readline; -1 when there is none.
static int held_key = -1;

/// Ends a search before a key that begins several, and holds that: readline 8.2 puts such keys back to read them again, and
/// crashes on some of them when it is fed by callbacks; of a paste it would read on past Ctrl-C.
static int in_search(int key) {
  if (!RL_ISSTATE(RL_STATE_ISEARCH) || rl_get_keymap()[key].type != ISKMAP) return key;
  held_key = key;
  return '\n';
}

/// Reads a key, in place of rl_getc: some commands, pastes and yes-or-no questions, read on by themselves with all
/// signals blocked. For them Ctrl-C is the end of the input; the system has dropped the rest of it, the end of a paste too.
///
/// Where that would end the line or the session Ctrl-C gives a zero, Ctrl-Space, which changes nothing.
static int read_key(FILE *input) {
  bool begins = RL_ISSTATE(RL_STATE_READCMD), inserts = !begins && is_inserting();
  while (true) {
    pass_on_all();
    // the first key of a command is read whatever comes: whoever waits for the line looks for Ctrl-C between commands
    if (!begins && is_interrupted()) return inserts ? 0 : EOF;
    if (held_key >= 0) {
      int key = held_key;
      held_key = -1;
      return key;
    }
    if (!has_input()) {
      if (begins && sonde_arrived & 1 << SIGINT) return 0;
      if (wait_for_input() <= 0) continue;
    }
    unsigned char key;
    ssize_t count = read(fileno(input), &key, 1);
    if (count == 1 && begins && key == END_OF_INPUT && sonde_indent_is_all()) sonde_indent_drop();
    if (count == 1) return in_search(key);
    if (count == 0 || errno != EINTR) return EOF;
  }
}

// MARK: The beginning

void sonde_readline_begin(void) {
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  // Children would believe the size of now in LINES and COLUMNS for ever.
  rl_change_environment = 0;
  rl_getc_function = read_key;
  rl_readline_name = "sonde";
  // before ~/.inputrc is read, which may bind them
  sonde_keys_name();
  rl_initialize();
  // a display of our own would have kept it from asking what the terminal can do
  rl_redisplay_function = sonde_redisplay;
  const char *marks = rl_variable_value("enable-bracketed-paste");
  marks_pastes = marks && strcmp(marks, "on") == 0;
  // what read_key ends a search by must end it
  rl_variable_bind("isearch-terminators", "\\033\\012");
  sonde_keys_bind();
}

// MARK: Lines

static char *line;
static bool done;

/// Forgets what undoes changes, of this line, of the one that is kept while the history is looked through, and of entries that
/// were changed on the way: readline 8.2 lets them share it, and frees it with each. So nothing is freed here; it is little.
static void forget_changes(void) {
  const char *bell = rl_variable_value("bell-style");
  char *usual = strdup(bell ? bell : "audible");
  // where no line is kept it would ring
  rl_variable_bind("bell-style", "none");
  rl_maybe_unsave_line();
  if (usual) rl_variable_bind("bell-style", usual);
  free(usual);
  rl_undo_list = NULL;
  HIST_ENTRY **entries = history_list();
  for (int i = 0; i < history_length; i++) entries[i]->data = NULL;
}

static void on_line(char *text) {
  line = text;
  done = true;
  forget_changes();
  rl_callback_handler_remove();
}

/// Leaves what waits for another key: a search, a motion, an argument, a key of several. They may stand in each other, as an
/// argument in a motion, and a call leaves one.
static void leave_states(void) {
  for (int state = 0; state < 4; state++) rl_callback_sigcleanup();
}

/// Takes what was typed out of the line, as a shell does on Ctrl-C, and keeps it in `line`.
static void clear_line(void) {
  leave_states();
  rl_clear_pending_input();
  rl_eof_found = 0;
  held_key = -1;
  line = strdup(rl_line_buffer ? rl_line_buffer : "");
  rl_end_of_line(1, 0);
  rl_redisplay_function();
  fputs("^C", rl_outstream);
  forget_changes();
  rl_free_line_state();
  rl_callback_handler_remove();
  fputs("\n", rl_outstream);
}

/// Deals with what has come, all signals being blocked; answers whether it cleared the line.
static bool handle_signals(void) {
  int signals = sonde_arrived;
  sonde_arrived = 0;
  for (int i = 0; i < CAUGHT; i++) {
    if (caught[i] == SIGINT || !(signals & 1 << caught[i])) continue;
    if (caught[i] == SIGWINCH) sonde_resize();
    else pass_on(caught[i]);
  }
  if (signals & 1 << SIGINT) clear_line();
  return signals & 1 << SIGINT;
}

/// Behind an argument, Alt-5 say, readline 8.2 takes Enter and reads on: Ctrl-Space has it see that the line has ended.
static void look_again(void) {
  leave_states();
  held_key = 0;
}

/// Feeds readline until a line is whole.
static int wait_for_line(void) {
  while (!done) {
    if (sonde_arrived && handle_signals()) return SONDE_CLEARED;
    int ready = held_key >= 0 ? 1 : wait_for_input();
    if (ready > 0) {
      rl_callback_read_char();
      if (rl_done && !done) look_again();
      if (!done && (rl_last_func == rl_insert || rl_last_func == rl_rubout)) sonde_indent_follow();
    } else if (ready < 0 && errno != EINTR) {
      rl_callback_handler_remove();
      return SONDE_END;
    }
  }
  return line ? SONDE_LINE : SONDE_END;
}

SondeInput sonde_read_line(const char *prompt, const SondePending *pending) {
  struct sigaction before[CAUGHT];
  done = false;
  line = NULL;
  // a Ctrl-C between two lines clears the chunk like any other
  sonde_arrived &= 1 << SIGINT;
  sonde_entry_begin(pending);
  // Readline keeps the Ctrl-D that ended an unfinished chunk, and would add a blank line to every line from then on.
  rl_eof_found = 0;
  // lines that are there before their prompt were not typed behind it, and are indented as they are
  bool is_ahead = has_input();
  catch_signals(before, &while_waiting);
  // the terminal may have changed its size while Lua ran
  sonde_read_size();
  know_pastes(true);
  // Where the terminal does not echo, as under other programs, readline prints the prompt itself if the display is its own.
  rl_redisplay_function = rl_redisplay;
  rl_callback_handler_install(prompt, on_line);
  rl_redisplay_function = sonde_redisplay;
  know_pastes(false);
  sonde_indent_begin(pending && !is_ahead ? pending->inner : 0, pending ? pending->outer : 0);
  int status = wait_for_line();
  release_signals(before, &while_waiting);
  return (SondeInput){status, sonde_entry_is_whole(), line, line ? strlen(line) : 0};
}

const char *sonde_readline_version(void) { return rl_library_version; }

#endif
