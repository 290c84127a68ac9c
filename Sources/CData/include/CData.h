// The data sets that ship inside the program, as the gzipped IDX files they were published in.
#pragma once
#include <stddef.h>

/// One embedded file; `bytes` is NULL where there is none of that name.
typedef struct {
  const unsigned char *bytes;
  size_t length;
} SondeEmbeddedFile;

/// Finds an embedded file by its path below `data/`, for example `digits/train-images-idx3-ubyte.gz`.
/// The bytes live as long as the program.
SondeEmbeddedFile sonde_embedded_file(const char *path);
