// The entries that readline brings back; the file that keeps them is the program's.
#include "CReadline.h"

#ifndef SONDE_WITHOUT_READLINE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>

void sonde_history_begin(int limit) {
  using_history();
  stifle_history(limit);
}

/// Where Alt-. looks for a word's end in an entry, readline 8.2 steps over a character behind a backslash, and over the
/// opening bracket of what a shell would run: over the end, too, if one of them is the entry's last.
static bool wants_blank(const char *entry, size_t length) {
  return length > 0 && (entry[length - 1] == '\\' || entry[length - 1] == '(');
}

/// Whether an entry of readline's is this one, but for the blank.
static bool is_same(const char *kept, const char *entry) {
  size_t length = strlen(entry);
  return strncmp(kept, entry, length) == 0
    && strcmp(kept + length, wants_blank(entry, length) ? " " : "") == 0;
}

void sonde_history_add(const char *entry) {
  size_t length = strlen(entry);
  if (!wants_blank(entry, length)) return add_history(entry);
  char *text = malloc(length + 2);
  if (!text) return;
  memcpy(text, entry, length);
  memcpy(text + length, " ", 2);
  add_history(text);
  free(text);
}

void sonde_history_move(const char *entry) {
  HIST_ENTRY **entries = history_list();
  for (int i = history_length - 1; i >= 0; i--) {
    if (!is_same(entries[i]->line, entry)) continue;
    free_history_entry(remove_history(i));
    break;
  }
  sonde_history_add(entry);
}

#endif
