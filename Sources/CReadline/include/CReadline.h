// Lines for the prompt: by GNU readline with editing and a history, or plain where there is none or it is unwanted.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
  /// A line came.
  SONDE_LINE = 0,
  /// Nothing more will: Ctrl-D, the end of a file, or a terminal that is lost.
  SONDE_END = 1,
  /// Ctrl-C: what was typed does not count.
  SONDE_CLEARED = 2
};

/// What came of waiting for a line.
typedef struct {
  int status;
  /// Whether the text holds the lines of the chunk that were read before, too: they were brought back and edited.
  bool is_whole;
  /// What was typed, of `length` bytes and without the newline at its end, and a zero; the caller frees it. NULL at the end.
  char *text;
  size_t length;
} SondeInput;

/// The version of the readline that is linked; NULL in a build without.
const char *sonde_readline_version(void);

/// Keeps Ctrl-C from ending the program between two lines; what runs under its own handler is not concerned.
/// Takes up readline if `edits`.
void sonde_prompt_begin(bool edits);
/// Gives Ctrl-C back its meaning from before sonde_prompt_begin.
void sonde_prompt_end(void);

/// Reads a line from the terminal by readline, between sonde_prompt_begin and sonde_prompt_end.
/// The arrow up brings back `pending`, the lines of the chunk so far or NULL, behind `pending_prompt`.
SondeInput sonde_read_line(const char *prompt, const char *pending, const char *pending_prompt);
/// Reads a line from standard input as it comes; the prompt is the caller's.
SondeInput sonde_read_plain_line(void);

/// Keeps the newest `limit` entries from now on.
void sonde_history_begin(int limit);
/// Adds an entry, of several lines where it has them.
void sonde_history_add(const char *entry);
/// Adds an entry and drops the newest equal one.
void sonde_history_move(const char *entry);
