// GNU readline for the prompt: one function to read a line that Ctrl-C clears, and the history.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SONDE_LINE = 0, SONDE_END = 1, SONDE_CLEARED = 2 };

/// Keeps Ctrl-C from ending the program between two lines; what runs under its own handler is not concerned.
void sonde_prompt_begin(void);
/// Gives Ctrl-C back its meaning from before sonde_prompt_begin.
void sonde_prompt_end(void);

/// Reads a line from the terminal with editing; the caller frees it.
/// `*status` is SONDE_LINE, SONDE_END (Ctrl-D or a lost terminal, returns NULL) or SONDE_CLEARED (Ctrl-C, returns NULL).
char *sonde_read_line(const char *prompt, int *status);
/// Reads a line of `*length` bytes from standard input that is no terminal; NULL at its end. The caller frees it.
char *sonde_read_plain_line(size_t *length);

/// Reads the history of earlier sessions, the newest `limit` entries, and keeps new ones in the same file.
/// Where the file can't be written the history lasts as long as the session; NULL means no file.
void sonde_history_open(const char *path, int limit);
/// Adds an entry, of several lines where it has them, unless it repeats the one before.
void sonde_history_add(const char *entry);
