#ifndef CCHUNK_H
#define CCHUNK_H

/// The two words that a Swift closure is: its code, and what it has captured.
typedef struct {
  void *code;
  void *context;
} sonde_chunk;

#endif
