// What readline needs before its first line, and what is known of the lines before.
#pragma once

#include <stdbool.h>

#include "CReadline.h"

/// Reads ~/.inputrc and gives our keys to readline; once is enough.
void sonde_readline_begin(void);

/// Tells readline what our commands are called, for ~/.inputrc.
void sonde_keys_name(void);
/// Puts our commands in the place of readline's own, where ~/.inputrc has left those their keys.
void sonde_keys_bind(void);

/// Begins a line; the lines of its chunk before it, if there are any, are what the arrow up brings back.
void sonde_entry_begin(const SondePending *pending);
/// Whether they are back, and part of the line.
bool sonde_entry_is_whole(void);
/// The lines of the chunk before the one that is typed; NULL when there are none or they are part of it.
const char *sonde_earlier_lines(void);

/// Where the line of an entry begins that a place is on, and where it ends.
int sonde_line_start(int place);
int sonde_line_end(int place);

/// Shows what is typed, in the place of rl_redisplay.
void sonde_redisplay(void);

/// Has readline ask for the terminal's size, and take it for wider where it is too narrow for readline.
void sonde_read_size(void);

/// Takes up a new size of the terminal, and shows what is typed anew.
void sonde_resize(void);

/// Begins the line with so many blanks, or with `outer` as soon as its first word ends what is open; with none where `inner` is 0.
void sonde_indent_begin(int inner, int outer);
/// Leaves the line's blanks alone from now on.
void sonde_indent_stop(void);
/// Adapts the blanks to what has been typed behind them.
void sonde_indent_follow(void);
/// Whether the line holds nothing but our blanks.
bool sonde_indent_is_all(void);
/// Takes our blanks away.
void sonde_indent_drop(void);
