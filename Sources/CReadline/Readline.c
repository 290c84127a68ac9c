// Readline keeps its state in C globals, so its handlers live here and, those of Tab, in Completion.c.
#include "CReadline.h"
#include "PromptSignals.h"
#include "Readline.h"

#ifndef SONDE_WITHOUT_READLINE

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>
#include <wchar.h>

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

// MARK: Lines of an entry

/// The chunk's lines before this one and the prompt of the first, which the arrow up brings back; NULL when there are
/// none or they are back.
static const char *earlier;
static const char *first_prompt;
/// Whether the line holds the lines before it too.
static bool is_whole;

const char *sonde_earlier_lines(void) { return earlier; }

static int line_start(int point) {
  while (point > 0 && rl_line_buffer[point - 1] != '\n') point--;
  return point;
}

static int line_end(int point) {
  while (point < rl_end && rl_line_buffer[point] != '\n') point++;
  return point;
}

/// The bytes of the character at a place; what is none in this locale counts byte by byte.
static int character(int point) {
  mbstate_t state = {0};
  size_t length = mbrlen(rl_line_buffer + point, (size_t)(rl_end - point), &state);
  return length == 0 || length > MB_LEN_MAX ? 1 : (int)length;
}

/// The place on the line that starts at `start` which is as many characters from its start as the cursor is from its own.
static int same_column(int start) {
  int end = line_end(start), place = start;
  for (int at = line_start(rl_point); at < rl_point && place < end; at += character(at)) place += character(place);
  return place;
}

/// Puts the lines before this one in front of it: from here on the entry is edited as a whole.
static void bring_back(void) {
  int before = rl_point;
  rl_point = 0;
  rl_insert_text(earlier);
  rl_insert_text("\n");
  before += rl_point;
  rl_point = before;
  // An undo would take the lines away, and what is accepted counts as the whole chunk.
  rl_free_undo_list();
  // what stands at the right margin belongs to the prompt that goes
  rl_clear_visible_line();
  rl_reset_line_state();
  rl_set_prompt(first_prompt);
  earlier = NULL;
  is_whole = true;
  sonde_indent_stop();
}

/// The arrow up: to the line above in an entry of several, and from its first to the entry before.
static int move_up(int count, int key) {
  if (line_start(rl_point) == 0 && earlier && where_history() == history_length) bring_back();
  int start = line_start(rl_point);
  if (start == 0) return rl_get_previous_history(count, key);
  rl_point = same_column(line_start(start - 1));
  return 0;
}

/// The arrow down: to the line below, and from an entry's last to the first of the entry after.
static int move_down(int count, int key) {
  int end = line_end(rl_point);
  if (end < rl_end) {
    rl_point = same_column(end + 1);
    return 0;
  }
  int status = rl_get_next_history(count, key);
  rl_point = line_end(0);
  return status;
}

static int move_to_start(int count, int key) {
  (void)count, (void)key;
  rl_point = line_start(rl_point);
  return 0;
}

static int move_to_end(int count, int key) {
  (void)count, (void)key;
  rl_point = line_end(rl_point);
  return 0;
}

/// Ctrl-K: to the end of its line; there it joins the next, as in Emacs.
static int kill_to_end(int count, int key) {
  int end = line_end(rl_point);
  if (count != 1 || end == rl_end) return rl_kill_line(count, key);
  rl_kill_text(rl_point, end > rl_point ? end : end + 1);
  return 0;
}

static int insert_newline(int count, int key) {
  (void)key;
  while (count-- > 0) rl_insert_text("\n");
  return 0;
}

/// Enter; the keys before it may have come all at once.
static int accept_line(int count, int key) {
  sonde_indent_follow();
  if (sonde_indent_is_all()) sonde_indent_drop();
  return rl_newline(count, key);
}

// MARK: Pastes

/// What a terminal sends behind a paste.
static const char paste_end[] = "\033[201~";
enum { PASTE_END = sizeof paste_end - 1 };

/// Makes line ends of all kinds newlines, and drops what can't stand in a C string; answers the length that is left.
static size_t clean_paste(char *text, size_t length) {
  size_t kept = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '\0' || (text[i] == '\n' && i > 0 && text[i - 1] == '\r')) continue;
    text[kept++] = text[i];
  }
  for (size_t i = 0; i < kept; i++) {
    if (text[i] == '\r') text[i] = '\n';
  }
  text[kept] = '\0';
  return kept;
}

/// Inserts what is pasted as it is: no key in it does anything, and one undo takes it away.
///
/// Readline's own makes two newlines of the CR LF of a file from Windows.
static int insert_paste(int count, int key) {
  (void)count;
  (void)key;
  size_t length = 0, room = 4096;
  char *text = malloc(room);
  for (int byte; text && (byte = rl_read_key()) >= 0;) {
    if (length + 1 == room) {
      char *larger = realloc(text, room *= 2);
      if (!larger) break;
      text = larger;
    }
    text[length++] = (char)byte;
    if (byte == '~' && length >= PASTE_END && memcmp(text + length - PASTE_END, paste_end, PASTE_END) == 0) {
      length -= PASTE_END;
      break;
    }
  }
  if (text && clean_paste(text, length) > 0) rl_insert_text(text);
  free(text);
  return 0;
}

// MARK: Keys

/// Gives a key to `ours` where it does what readline has it do, so that ~/.inputrc has the last word.
static void replace(const char *keys, rl_command_func_t *usual, rl_command_func_t *ours) {
  Keymap maps[] = {emacs_standard_keymap, vi_insertion_keymap, vi_movement_keymap};
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
    int kind = 0;
    if (rl_function_of_keyseq(keys, maps[i], &kind) == usual && kind == ISFUNC) {
      rl_bind_keyseq_in_map(keys, ours, maps[i]);
    }
  }
}

/// Commands of readline's that take an entry for one line, their keys, and ours that know its lines.
static const struct {
  rl_command_func_t *usual, *ours;
  const char *keys[7];
} replaced[] = {
    {rl_get_previous_history, move_up, {"\033[A", "\033OA", "k"}},
    {rl_get_next_history, move_down, {"\033[B", "\033OB", "j"}},
    {rl_beg_of_line, move_to_start, {"\001", "\033[H", "\033OH", "\033[1~", "\033[7~"}},
    {rl_end_of_line, move_to_end, {"\005", "\033[F", "\033OF", "\033[4~", "\033[8~"}},
    {rl_kill_line, kill_to_end, {"\013"}},
    // Alt-Enter changes to vi's keys otherwise, as Ctrl-Alt-J still does
    {rl_vi_editing_mode, insert_newline, {"\033\r"}},
    {rl_bracketed_paste_begin, insert_paste, {"\033[200~"}},
    {rl_newline, accept_line, {"\r", "\n"}},
};

void sonde_readline_begin(void) {
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  // Children would believe the size of now in LINES and COLUMNS for ever.
  rl_change_environment = 0;
  rl_getc_function = read_key;
  rl_readline_name = "sonde";
  // named before ~/.inputrc is read, which may bind them
  rl_add_defun("sonde-previous-line", move_up, -1);
  rl_add_defun("sonde-next-line", move_down, -1);
  rl_add_defun("sonde-insert-newline", insert_newline, -1);
  rl_initialize();
  // a display of our own would have kept it from asking what the terminal can do
  rl_redisplay_function = sonde_redisplay;
  const char *marks = rl_variable_value("enable-bracketed-paste");
  marks_pastes = marks && strcmp(marks, "on") == 0;
  // what read_key ends a search by must end it
  rl_variable_bind("isearch-terminators", "\\033\\012");
  for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++) {
    for (const char *const *keys = replaced[i].keys; *keys; keys++) replace(*keys, replaced[i].usual, replaced[i].ours);
  }
}

// MARK: Lines

static char *line;
static bool done;

static void on_line(char *text) {
  line = text;
  done = true;
  rl_callback_handler_remove();
}

/// Takes what was typed out of the line, as a shell does on Ctrl-C, and keeps it in `line`.
static void clear_line(void) {
  rl_callback_sigcleanup();
  rl_clear_pending_input();
  rl_eof_found = 0;
  held_key = -1;
  line = strdup(rl_line_buffer ? rl_line_buffer : "");
  rl_end_of_line(1, 0);
  rl_redisplay_function();
  fputs("^C", rl_outstream);
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

/// Feeds readline until a line is whole.
static int wait_for_line(void) {
  while (!done) {
    if (sonde_arrived && handle_signals()) return SONDE_CLEARED;
    int ready = held_key >= 0 ? 1 : wait_for_input();
    if (ready > 0) {
      rl_callback_read_char();
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
  done = is_whole = false;
  line = NULL;
  // a Ctrl-C between two lines clears the chunk like any other
  sonde_arrived &= 1 << SIGINT;
  earlier = pending ? pending->text : NULL;
  first_prompt = pending ? pending->prompt : NULL;
  // Readline keeps the Ctrl-D that ended an unfinished chunk, and would add a blank line to every line from then on.
  rl_eof_found = 0;
  // lines that are there before their prompt were not typed behind it, and are indented as they are
  bool is_ahead = has_input();
  catch_signals(before, &while_waiting);
  // the terminal may have changed its size while Lua ran
  rl_reset_screen_size();
  know_pastes(true);
  // Where the terminal does not echo, as under other programs, readline prints the prompt itself if the display is its own.
  rl_redisplay_function = rl_redisplay;
  rl_callback_handler_install(prompt, on_line);
  rl_redisplay_function = sonde_redisplay;
  know_pastes(false);
  sonde_indent_begin(pending && !is_ahead ? pending->inner : 0, pending ? pending->outer : 0);
  int status = wait_for_line();
  release_signals(before, &while_waiting);
  return (SondeInput){status, is_whole, line, line ? strlen(line) : 0};
}

const char *sonde_readline_version(void) { return rl_library_version; }

#endif
