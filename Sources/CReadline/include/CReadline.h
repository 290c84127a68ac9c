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
  SONDE_CLEARED = 2,
  /// A line that the terminal, which edits it, has cut: what is left of it is of no use.
  SONDE_CUT = 3
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
/// Whether Ctrl-C has come between two lines; it counts as answered then, and no longer clears the next line.
bool sonde_prompt_take_interrupt(void);
/// Has Ctrl-C, which something else has heard, clear the line that is read next.
void sonde_prompt_note_interrupt(void);

/// The lines of a chunk that have been read so far.
typedef struct {
  const char *text;
  /// What stands before the first.
  const char *prompt;
  /// How many blanks the next begins with, 0 for none of ours; and how many if its first word ends what is open.
  int inner, outer;
} SondePending;

/// Reads a line from the terminal by readline, between sonde_prompt_begin and sonde_prompt_end.
/// The arrow up brings back `pending`, which is NULL for a chunk's first line.
SondeInput sonde_read_line(const char *prompt, const SondePending *pending);
/// Reads a line from standard input as it comes; the prompt is the caller's.
SondeInput sonde_read_plain_line(void);

/// Keeps the newest `limit` entries from now on.
void sonde_history_begin(int limit);
/// Adds an entry, of several lines where it has them.
void sonde_history_add(const char *entry);
/// Adds an entry and drops the newest equal one.
void sonde_history_move(const char *entry);

// MARK: Completion

/// The matches that a completer is asked for.
typedef struct SondeMatches SondeMatches;
/// Finds what fits at byte `point` of a line; `earlier` are the lines of the chunk before it, NULL without any.
typedef void sonde_complete_function(
  void *context, const char *earlier, const char *line, size_t length, size_t point, SondeMatches *matches);
/// Lists what was found last by sonde_list_line, in a terminal of so many columns and at most so many lines, 0 for all.
typedef void sonde_list_function(void *context, int columns, int rows);

/// Completes by these functions from now on, which is to be said before sonde_prompt_begin; the context must live as long
/// as lines are read.
void sonde_completion_open(void *context, sonde_complete_function *complete, sonde_list_function *list);
/// Says where the word begins and what is to take its place: the one match, or what all matches have in common.
void sonde_matches_begin(SondeMatches *matches, size_t start, const void *text, size_t length);
/// Adds one of several matches.
void sonde_matches_add(SondeMatches *matches, const void *text, size_t length);
/// Writes a line of the list.
void sonde_list_line(const void *text, size_t length);
