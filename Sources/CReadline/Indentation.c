// The blanks that a chunk's next line begins with.
#include "CReadline.h"
#include "Readline.h"

#ifndef SONDE_WITHOUT_READLINE

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <readline/readline.h>

/// How many blanks are ours at the line's start; -1 where the user has others or wants none.
static int blanks = -1;
/// How many stand before what is inside of the open construct, and before the word that ends it.
static int inside, outside;

/// Words that end what they stand in, or a part of it.
static const char *const closing[] = {"end", "else", "elseif", "until", "}", ")", "]"};

static void set_blanks(int count) {
  int point = rl_point - blanks + count;
  if (count < blanks) {
    rl_delete_text(0, blanks - count);
  } else {
    rl_point = 0;
    while (blanks < count) {
      rl_insert_text(" ");
      blanks++;
    }
  }
  rl_point = point;
  blanks = count;
  rl_redisplay_function();
}

void sonde_indent_begin(int inner, int outer) {
  blanks = -1;
  if (inner <= 0) return;
  inside = inner;
  outside = outer;
  blanks = 0;
  set_blanks(inner);
}

void sonde_indent_stop(void) { blanks = -1; }

/// Whether the line still begins with our blanks and no others.
static bool is_ours(void) {
  return blanks >= 0 && rl_end >= blanks && (int)strspn(rl_line_buffer, " ") == blanks;
}

static bool closes(const char *text) {
  for (size_t i = 0; i < sizeof closing / sizeof *closing; i++) {
    size_t length = strlen(closing[i]);
    if (strncmp(text, closing[i], length) != 0) continue;
    unsigned char next = (unsigned char)text[length];
    // `ending` ends nothing
    if (!isalpha((unsigned char)text[0]) || !(isalnum(next) || next == '_')) return true;
  }
  return false;
}

void sonde_indent_follow(void) {
  if (!is_ours()) {
    blanks = -1;
    return;
  }
  int wanted = closes(rl_line_buffer + blanks) ? outside : inside;
  // of the empty line an undo leaves, and of what was killed, nothing is to come back
  if (rl_end > blanks && wanted != blanks) set_blanks(wanted);
}

bool sonde_indent_is_all(void) { return blanks > 0 && is_ours() && rl_end == blanks; }

void sonde_indent_drop(void) {
  set_blanks(0);
  blanks = -1;
}

#endif
