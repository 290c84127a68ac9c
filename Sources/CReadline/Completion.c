// Tab.
//
// Readline's word is the line from its start to the cursor, because only the completer knows where the word begins; so its
// matches are whole lines too, and the list is the completer's own.
#include "CReadline.h"
#include "Readline.h"

#ifndef SONDE_WITHOUT_READLINE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

/// The longest line that is completed, and the most bytes that its matches may take.
enum { COMPLETED_LINE = 32 << 10, MATCHES_BYTES = 16 << 20 };

struct SondeMatches {
  char **lines;  ///< the line with what all have in common, then one for each match
  size_t count, room, bytes;
  size_t start;  ///< where the word begins
};

static void *completer;
static sonde_complete_function *complete_line;
static sonde_list_function *list_matches;
/// The line whose matches were listed last, to list them whole the second time.
static char *listed;

/// Adds the line with its word replaced.
static void add_line(SondeMatches *matches, const char *text, size_t length) {
  size_t size = matches->start + length + 1;
  if (matches->bytes + size > MATCHES_BYTES) return;
  if (matches->count + 1 >= matches->room) {
    size_t room = matches->room ? 2 * matches->room : 64;
    char **lines = realloc(matches->lines, room * sizeof *lines);
    if (!lines) return;
    matches->lines = lines;
    matches->room = room;
  }
  char *copy = malloc(size);
  if (!copy) return;
  memcpy(copy, rl_line_buffer, matches->start);
  memcpy(copy + matches->start, text, length);
  copy[size - 1] = 0;
  matches->bytes += size;
  matches->lines[matches->count++] = copy;
  matches->lines[matches->count] = NULL;
}

void sonde_matches_begin(SondeMatches *matches, size_t start, const void *text, size_t length) {
  matches->start = start;
  add_line(matches, text, length);
}

void sonde_matches_add(SondeMatches *matches, const void *text, size_t length) {
  if (matches->count > 0) add_line(matches, text, length);
}

/// M-* asks for all matches at once: one line with all of them.
static void join_lines(SondeMatches *matches) {
  char *line = malloc(matches->bytes + matches->count);
  if (!line) return;
  size_t length = matches->start;
  memcpy(line, matches->lines[0], length);
  for (size_t i = 1; i < matches->count; i++) {
    const char *word = matches->lines[i] + matches->start;
    if (i > 1) line[length++] = ' ';
    memcpy(line + length, word, strlen(word));
    length += strlen(word);
  }
  line[length] = 0;
  for (size_t i = 0; i < matches->count; i++) free(matches->lines[i]);
  matches->lines[0] = line;
  matches->lines[1] = NULL;
  matches->count = 1;
}

static char **complete_word(const char *text, int start, int end) {
  (void)text, (void)start;
  SondeMatches matches = {0};
  rl_attempted_completion_over = 1;
  // what follows a match is part of it; the order is the completer's
  rl_completion_suppress_append = 1;
  rl_sort_completion_matches = 0;
  rl_ignore_completion_duplicates = 0;
  rl_filename_completion_desired = 0;
  if (rl_end > COMPLETED_LINE) return NULL;
  complete_line(completer, sonde_earlier_lines(), rl_line_buffer, (size_t)rl_end, (size_t)end, &matches);
  if (rl_completion_type == '*' && matches.count > 1) join_lines(&matches);
  return matches.lines;
}

void sonde_list_line(const void *text, size_t length) {
  fwrite(text, 1, length, rl_outstream);
  rl_crlf();
}

static void show_matches(char **lines, int count, int longest) {
  (void)lines, (void)count, (void)longest;
  bool again = listed && rl_last_func == rl_complete && strcmp(listed, rl_line_buffer) == 0;
  free(listed);
  listed = strdup(rl_line_buffer);
  int rows = 0, columns = 0, point = rl_point;
  rl_get_screen_size(&rows, &columns);
  // below all of what is typed
  rl_point = rl_end;
  rl_redisplay_function();
  rl_crlf();
  list_matches(completer, columns, again ? 0 : rows > 4 ? rows - 2 : 2);
  rl_point = point;
  rl_forced_update_display();
}

void sonde_completion_open(void *context, sonde_complete_function *complete, sonde_list_function *list) {
  completer = context;
  complete_line = complete;
  list_matches = list;
  rl_attempted_completion_function = complete_word;
  rl_completion_display_matches_hook = show_matches;
  rl_completer_word_break_characters = "";
  // a list as soon as there is no more to add; ~/.inputrc, which is read later, may say otherwise
  rl_variable_bind("show-all-if-unmodified", "on");
}

#endif
