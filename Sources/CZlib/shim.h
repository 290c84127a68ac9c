// zlib: inflate, with the macro initialisers made callable from Swift.
#pragma once
#include <zlib.h>

/// inflateInit2 as a function: Swift can't import the macro, which passes the header's version and size.
static inline int sonde_inflate_init(z_stream *stream, int window_bits) {
  return inflateInit2(stream, window_bits);
}
