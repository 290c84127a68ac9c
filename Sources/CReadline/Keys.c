// What keys do that readline does otherwise: those that know the lines of an entry, pastes, and what it can't be left to.
#include "CReadline.h"
#include "Readline.h"

#ifndef SONDE_WITHOUT_READLINE

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <readline/history.h>
#include <readline/readline.h>

// MARK: Lines of an entry

/// The chunk's lines before this one and the prompt of the first, which the arrow up brings back; NULL when there are
/// none or they are back.
static const char *earlier;
static const char *first_prompt;
/// Whether the line holds the lines before it too.
static bool is_whole;

void sonde_entry_begin(const SondePending *pending) {
  earlier = pending ? pending->text : NULL;
  first_prompt = pending ? pending->prompt : NULL;
  is_whole = false;
}

bool sonde_entry_is_whole(void) { return is_whole; }

const char *sonde_earlier_lines(void) { return earlier; }

/// The bytes of the character at a place; what is none in this locale counts byte by byte.
static int character(int point) {
  mbstate_t state = {0};
  size_t length = mbrlen(rl_line_buffer + point, (size_t)(rl_end - point), &state);
  return length == 0 || length > MB_LEN_MAX ? 1 : (int)length;
}

/// The place on the line that starts at `start` which is as many characters from its start as the cursor is from its own.
static int same_column(int start) {
  int end = sonde_line_end(start), place = start;
  for (int at = sonde_line_start(rl_point); at < rl_point && place < end; at += character(at)) place += character(place);
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
  if (sonde_line_start(rl_point) == 0 && earlier && where_history() == history_length) bring_back();
  int start = sonde_line_start(rl_point);
  if (start == 0) return rl_get_previous_history(count, key);
  rl_point = same_column(sonde_line_start(start - 1));
  return 0;
}

/// The arrow down: to the line below, and from an entry's last to the first of the entry after.
static int move_down(int count, int key) {
  int end = sonde_line_end(rl_point);
  if (end < rl_end) {
    rl_point = same_column(end + 1);
    return 0;
  }
  int status = rl_get_next_history(count, key);
  rl_point = sonde_line_end(0);
  return status;
}

static int move_to_start(int count, int key) {
  (void)count, (void)key;
  rl_point = sonde_line_start(rl_point);
  return 0;
}

static int move_to_end(int count, int key) {
  (void)count, (void)key;
  rl_point = sonde_line_end(rl_point);
  return 0;
}

/// Ctrl-K: to the end of its line; there it joins the next, as in Emacs.
static int kill_to_end(int count, int key) {
  int end = sonde_line_end(rl_point);
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

// MARK: vi's walks

/// Does what walks along the line with a blank at its end, as readline's own motions do behind c, d and y. In the movement
/// keymap readline 8.2 steps back before a last character that is none in this locale, and would walk for ever.
static int with_blank_behind(rl_command_func_t *walk, int count, int key) {
  rl_extend_line_buffer(rl_end + 2);
  rl_line_buffer[rl_end++] = ' ';
  rl_line_buffer[rl_end] = '\0';
  int status = walk(count, key);
  if (rl_end > 0 && rl_line_buffer[rl_end - 1] == ' ') rl_line_buffer[--rl_end] = '\0';
  if (rl_point > rl_end) rl_point = rl_end;
  return status;
}

static int vi_next_word(int count, int key) { return with_blank_behind(rl_vi_next_word, count, key); }
static int vi_end_word(int count, int key) { return with_blank_behind(rl_vi_end_word, count, key); }
static int vi_match(int count, int key) { return with_blank_behind(rl_vi_match, count, key); }
static int vi_complete(int count, int key) { return with_blank_behind(rl_vi_complete, count, key); }

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
    if (rl_function_of_keyseq(keys, maps[i], &kind) != usual || kind != ISFUNC) continue;
    // in a sequence a backslash is the beginning of another key's name
    if (keys[1] == '\0') rl_bind_key_in_map(keys[0], ours, maps[i]);
    else rl_bind_keyseq_in_map(keys, ours, maps[i]);
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
    {rl_vi_next_word, vi_next_word, {"w", "W"}},
    {rl_vi_end_word, vi_end_word, {"e", "E"}},
    {rl_vi_match, vi_match, {"%"}},
    {rl_vi_complete, vi_complete, {"=", "*", "\\"}},
};

void sonde_keys_name(void) {
  rl_add_defun("sonde-previous-line", move_up, -1);
  rl_add_defun("sonde-next-line", move_down, -1);
  rl_add_defun("sonde-insert-newline", insert_newline, -1);
}

void sonde_keys_bind(void) {
  for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++) {
    for (const char *const *keys = replaced[i].keys; *keys; keys++) replace(*keys, replaced[i].usual, replaced[i].ours);
  }
}

#endif
