// What readline needs before its first line, and what is known of the lines before.
#pragma once

/// Reads ~/.inputrc and gives our keys to readline; once is enough.
void sonde_readline_begin(void);
/// The lines of the chunk before the one that is typed; NULL when there are none or they are part of it.
const char *sonde_earlier_lines(void);
