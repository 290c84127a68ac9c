#include "CData.h"

#include <string.h>

// #embed is C23; clang takes it in every mode and says so, which is no news here.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char digits_train_images[] = {
#embed "data/digits/train-images-idx3-ubyte.gz"
};
static const unsigned char digits_train_labels[] = {
#embed "data/digits/train-labels-idx1-ubyte.gz"
};
static const unsigned char digits_test_images[] = {
#embed "data/digits/t10k-images-idx3-ubyte.gz"
};
static const unsigned char digits_test_labels[] = {
#embed "data/digits/t10k-labels-idx1-ubyte.gz"
};
static const unsigned char mnist_train_images[] = {
#embed "data/mnist/train-images-idx3-ubyte.gz"
};
static const unsigned char mnist_train_labels[] = {
#embed "data/mnist/train-labels-idx1-ubyte.gz"
};
static const unsigned char mnist_test_images[] = {
#embed "data/mnist/t10k-images-idx3-ubyte.gz"
};
static const unsigned char mnist_test_labels[] = {
#embed "data/mnist/t10k-labels-idx1-ubyte.gz"
};
static const unsigned char library_figures[] = {
#embed "../LuaAPI/Library/figures.lua"
};
static const unsigned char library_variants[] = {
#embed "../LuaAPI/Library/variants.lua"
};
static const unsigned char library_compare[] = {
#embed "../LuaAPI/Library/compare.lua"
};
static const unsigned char library_whatif[] = {
#embed "../LuaAPI/Library/whatif.lua"
};

static const struct {
  const char *path;
  SondeEmbeddedFile file;
} files[] = {
    {"digits/train-images-idx3-ubyte.gz", {digits_train_images, sizeof digits_train_images}},
    {"digits/train-labels-idx1-ubyte.gz", {digits_train_labels, sizeof digits_train_labels}},
    {"digits/t10k-images-idx3-ubyte.gz", {digits_test_images, sizeof digits_test_images}},
    {"digits/t10k-labels-idx1-ubyte.gz", {digits_test_labels, sizeof digits_test_labels}},
    {"mnist/train-images-idx3-ubyte.gz", {mnist_train_images, sizeof mnist_train_images}},
    {"mnist/train-labels-idx1-ubyte.gz", {mnist_train_labels, sizeof mnist_train_labels}},
    {"mnist/t10k-images-idx3-ubyte.gz", {mnist_test_images, sizeof mnist_test_images}},
    {"mnist/t10k-labels-idx1-ubyte.gz", {mnist_test_labels, sizeof mnist_test_labels}},
    {"library/figures.lua", {library_figures, sizeof library_figures}},
    {"library/variants.lua", {library_variants, sizeof library_variants}},
    {"library/compare.lua", {library_compare, sizeof library_compare}},
    {"library/whatif.lua", {library_whatif, sizeof library_whatif}},
};

SondeEmbeddedFile sonde_embedded_file(const char *path) {
  for (size_t index = 0; index < sizeof files / sizeof files[0]; index++) {
    if (strcmp(files[index].path, path) == 0) return files[index].file;
  }
  return (SondeEmbeddedFile){NULL, 0};
}
