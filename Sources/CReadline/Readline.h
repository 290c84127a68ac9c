// What readline needs before its first line.
#pragma once

/// Reads ~/.inputrc and gives our keys to readline; once is enough.
void sonde_readline_begin(void);
