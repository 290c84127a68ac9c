// zlib: inflate and deflate, with the macro initialisers made callable from Swift.
#pragma once
#include <zlib.h>

/// inflateInit2 as a function: Swift can't import the macro, which passes the header's version and size.
static inline int sonde_inflate_init(z_stream *stream, int window_bits) {
  return inflateInit2(stream, window_bits);
}

/// deflateInit2 as a function, at the default level and memory, for the deflated format alone (`window_bits` negative).
static inline int sonde_deflate_init(z_stream *stream, int window_bits) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}
