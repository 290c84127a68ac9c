// What ships inside the program: the data sets, as the gzipped IDX files they were published in, the library's Lua files and the
// experiments.
#pragma once
#include <stddef.h>

/// One embedded file; `bytes` is NULL where there is none of that name.
typedef struct {
  const unsigned char *bytes;
  size_t length;
} SondeEmbeddedFile;

/// Finds an embedded file by its path below `data/`, for example `digits/train-images-idx3-ubyte.gz`, or that of a Lua file
/// of the library or of an experiment, for example `library/whatif.lua` or `experiments/width.lua`.
/// The bytes live as long as the program.
SondeEmbeddedFile sonde_embedded_file(const char *path);
