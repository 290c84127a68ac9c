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

/// An entry as readline keeps it, which the caller frees.
///
/// Where Alt-. looks for a word's end, readline 8.2 steps over a character behind a backslash, and over the opening bracket of
/// what a shell would run: over the entry's end, too, if one of them is its last. A blank behind it is stepped over instead.
static char *kept(const char *entry) {
  size_t length = strlen(entry);
  bool wants_blank = length > 0 && (entry[length - 1] == '\\' || entry[length - 1] == '(');
  char *text = malloc(length + 2);
  if (text) {
    memcpy(text, entry, length);
    memcpy(text + length, wants_blank ? " " : "", wants_blank ? 2 : 1);
  }
  return text;
}

void sonde_history_add(const char *entry) {
  char *text = kept(entry);
  if (text) add_history(text);
  free(text);
}

void sonde_history_move(const char *entry) {
  char *text = kept(entry);
  HIST_ENTRY **entries = history_list();
  for (int i = history_length - 1; text && i >= 0; i--) {
    if (strcmp(entries[i]->line, text) != 0) continue;
    free_history_entry(remove_history(i));
    break;
  }
  if (text) add_history(text);
  free(text);
}

#endif
