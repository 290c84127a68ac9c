// GNU readline for the prompt: one function to read a line that Ctrl-C clears, and the history.
#pragma once

#include <stdbool.h>

enum { SONDE_LINE = 0, SONDE_END = 1, SONDE_CLEARED = 2, SONDE_FAILED = 3 };

/// Reads a line from the terminal with editing; the caller frees it.
/// `*status` is SONDE_LINE, SONDE_END (Ctrl-D, returns NULL) or SONDE_CLEARED (Ctrl-C, returns NULL).
char *sonde_read_line(const char *prompt, int *status);
/// Reads the history of earlier sessions; a missing file is no error.
void sonde_history_load(const char *path);
/// Adds an entry unless it repeats the one before.
void sonde_history_add(const char *entry);
/// Writes the history, the newest `limit` entries; false when it can't.
bool sonde_history_save(const char *path, int limit);
