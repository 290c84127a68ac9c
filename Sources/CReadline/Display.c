// What readline can't show of an entry: one that is higher than the screen, and lines on a terminal that can't go up.
// For wcwidth.
#define _XOPEN_SOURCE 700

#include "CReadline.h"
#include "Readline.h"

#ifndef SONDE_WITHOUT_READLINE

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <wchar.h>

#include <readline/readline.h>

/// The cells of a character, at a column; `*bytes` are those that it takes.
static int cells(const char *text, size_t length, int column, size_t *bytes) {
  wchar_t character;
  mbstate_t state = {0};
  *bytes = mbrtowc(&character, text, length, &state);
  if (*bytes == 0 || *bytes > MB_LEN_MAX) {
    // shown as \ooo
    *bytes = 1;
    return 4;
  }
  if (character == L'\t') return 8 - column % 8;
  int width = wcwidth(character);
  // control characters are shown as ^X
  return width < 0 ? 2 : width;
}

/// The rows that a line takes which begins at a column.
static int rows_of(const char *line, size_t length, int column, int columns) {
  for (size_t place = 0, bytes; place < length; place += bytes) column += cells(line + place, length - place, column, &bytes);
  return 1 + column / columns;
}

static int prompt_cells(void) {
  int column = 0;
  bool shows = true;
  const char *prompt = rl_display_prompt ? rl_display_prompt : "";
  for (size_t bytes = 1; *prompt; prompt += bytes, bytes = 1) {
    if (*prompt == RL_PROMPT_START_IGNORE || *prompt == RL_PROMPT_END_IGNORE) shows = *prompt == RL_PROMPT_END_IGNORE;
    else if (*prompt == '\n') column = 0;
    else if (shows) column += cells(prompt, strlen(prompt), column, &bytes);
  }
  return column;
}

int sonde_line_start(int place) {
  while (place > 0 && rl_line_buffer[place - 1] != '\n') place--;
  return place;
}

int sonde_line_end(int place) {
  while (place < rl_end && rl_line_buffer[place] != '\n') place++;
  return place;
}

/// Where the part began that was shown last of a high entry.
static int shown_from;

/// The end of the part that begins at a line and fits into so many rows.
static int part_end(int start, int rows, int columns, int prompt) {
  int end = start;
  for (int place = start; place <= rl_end; place = sonde_line_end(place) + 1) {
    int stop = sonde_line_end(place);
    rows -= rows_of(rl_line_buffer + place, (size_t)(stop - place), place == start ? prompt : 0, columns);
    if (rows < 0) break;
    end = stop;
    if (stop == rl_end) break;
  }
  return end > start ? end : sonde_line_end(start);
}

/// Shows of the entry the part from one place to another.
static void show_part(int start, int end) {
  char *whole = rl_line_buffer;
  int point = rl_point, length = rl_end, mark = rl_mark;
  char behind = whole[end];
  rl_line_buffer = whole + start;
  whole[end] = 0;
  rl_end = end - start;
  rl_point = point - start;
  rl_mark = mark < start ? 0 : mark > end ? rl_end : mark - start;
  rl_redisplay();
  whole[end] = behind;
  rl_line_buffer = whole;
  rl_end = length;
  rl_point = point;
  rl_mark = mark;
}

/// Readline shows the upper lines of an entry that is higher than the screen, whatever the cursor is on.
static void show_lines(int rows, int columns) {
  int prompt = prompt_cells();
  if (part_end(0, rows, columns, prompt) == rl_end) {
    shown_from = 0;
    return rl_redisplay();
  }
  int start = sonde_line_start(shown_from < rl_end ? shown_from : rl_end);
  if (start > rl_point) start = sonde_line_start(rl_point);
  while (part_end(start, rows, columns, prompt) < rl_point) start = sonde_line_end(start) + 1;
  // no row is left empty below the last line
  while (start > 0) {
    int above = sonde_line_start(start - 1);
    if (part_end(above, rows, columns, prompt) != rl_end) break;
    start = above;
  }
  shown_from = start;
  show_part(start, part_end(start, rows, columns, prompt));
}

/// What stands for a line's end where all lines stand in one.
static const char mark_of_end[] = "\u21b5 ";
enum { MARK = sizeof mark_of_end - 1 };

/// Readline shows ^J for the ends of lines on such a terminal.
static void show_in_one_line(void) {
  int ends = 0;
  for (int i = 0; i < rl_end; i++) ends += rl_line_buffer[i] == '\n';
  char *shown = ends ? malloc((size_t)(rl_end + ends * MARK + 1)) : NULL;
  if (!shown) return rl_redisplay();
  char *whole = rl_line_buffer;
  int point = rl_point, length = rl_end, size = 0;
  for (int i = 0; i <= length; i++) {
    if (i == point) rl_point = size;
    if (whole[i] == '\n' && i < length) {
      memcpy(shown + size, mark_of_end, MARK);
      size += MARK;
    } else {
      shown[size++] = whole[i];
    }
  }
  rl_line_buffer = shown;
  rl_end = size - 1;
  rl_redisplay();
  rl_line_buffer = whole;
  rl_point = point;
  rl_end = length;
  free(shown);
}

/// In fewer columns readline 8.2 divides by zero.
enum { FEWEST_COLUMNS = 4 };

void sonde_read_size(void) {
  int rows = 0, columns = 0;
  rl_reset_screen_size();
  rl_get_screen_size(&rows, &columns);
  if (columns < FEWEST_COLUMNS) rl_set_screen_size(rows, FEWEST_COLUMNS);
}

void sonde_redisplay(void) {
  int rows = 0, columns = 0;
  rl_get_screen_size(&rows, &columns);
  // where vi's keys leave the cursor on a line of nothing but accents
  if (rl_point < 0) rl_point = 0;
  if (!memchr(rl_line_buffer, '\n', (size_t)rl_end)) return rl_redisplay();
  const char *up = rl_get_termcap("up");
  bool wraps = up && *up;
  if (wraps && rows > 1 && columns > 1) show_lines(rows - 1, columns);
  else if (!wraps && MB_CUR_MAX > 1) show_in_one_line();
  else rl_redisplay();
}

static void take_up_size(void) {
  struct winsize size;
  if (ioctl(fileno(rl_instream), TIOCGWINSZ, &size) != 0 || size.ws_col >= FEWEST_COLUMNS) return rl_resize_terminal();
  sonde_read_size();
  rl_forced_update_display();
}

/// Readline knows what becomes of its lines then, if it believes that they are not ours; but where they are more than the
/// screen has rows it loses count. So it takes them off first, and draws the prompt alone for the new size.
void sonde_resize(void) {
  char *whole = rl_line_buffer, nothing[] = "";
  int point = rl_point, length = rl_end, mark = rl_mark;
  rl_line_buffer = nothing;
  rl_point = rl_end = rl_mark = 0;
  rl_redisplay_function = rl_redisplay;
  rl_redisplay();
  take_up_size();
  rl_redisplay_function = sonde_redisplay;
  rl_line_buffer = whole;
  rl_point = point;
  rl_end = length;
  rl_mark = mark;
  sonde_redisplay();
}

#endif
