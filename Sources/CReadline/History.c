// The entries that readline brings back; the file that keeps them is the program's.
#include "CReadline.h"

#ifndef SONDE_WITHOUT_READLINE

#include <stdio.h>
#include <string.h>

#include <readline/history.h>

void sonde_history_begin(int limit) {
  using_history();
  stifle_history(limit);
}

void sonde_history_add(const char *entry) { add_history(entry); }

void sonde_history_move(const char *entry) {
  HIST_ENTRY **entries = history_list();
  for (int i = history_length - 1; i >= 0; i--) {
    if (strcmp(entries[i]->line, entry) != 0) continue;
    free_history_entry(remove_history(i));
    break;
  }
  add_history(entry);
}

#endif
