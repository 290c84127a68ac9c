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
static const unsigned char library_diagnoses[] = {
#embed "../LuaAPI/Library/diagnoses.lua"
};
static const unsigned char library_whatif[] = {
#embed "../LuaAPI/Library/whatif.lua"
};
static const unsigned char experiment_auxiliary[] = {
#embed "../../scripts/experiments/auxiliary.lua"
};
static const unsigned char experiment_bn_growth[] = {
#embed "../../scripts/experiments/bn-growth.lua"
};
static const unsigned char experiment_depth[] = {
#embed "../../scripts/experiments/depth.lua"
};
static const unsigned char experiment_edge_of_chaos[] = {
#embed "../../scripts/experiments/edge-of-chaos.lua"
};
static const unsigned char experiment_founding[] = {
#embed "../../scripts/experiments/founding.lua"
};
static const unsigned char experiment_init_zoo[] = {
#embed "../../scripts/experiments/init-zoo.lua"
};
static const unsigned char experiment_ioffe_szegedy[] = {
#embed "../../scripts/experiments/ioffe-szegedy.lua"
};
static const unsigned char experiment_residual[] = {
#embed "../../scripts/experiments/residual.lua"
};
static const unsigned char experiment_santurkar[] = {
#embed "../../scripts/experiments/santurkar.lua"
};
static const unsigned char experiment_what_if[] = {
#embed "../../scripts/experiments/what-if.lua"
};
static const unsigned char experiment_width[] = {
#embed "../../scripts/experiments/width.lua"
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
    {"library/diagnoses.lua", {library_diagnoses, sizeof library_diagnoses}},
    {"library/whatif.lua", {library_whatif, sizeof library_whatif}},
    {"experiments/auxiliary.lua", {experiment_auxiliary, sizeof experiment_auxiliary}},
    {"experiments/bn-growth.lua", {experiment_bn_growth, sizeof experiment_bn_growth}},
    {"experiments/depth.lua", {experiment_depth, sizeof experiment_depth}},
    {"experiments/edge-of-chaos.lua", {experiment_edge_of_chaos, sizeof experiment_edge_of_chaos}},
    {"experiments/founding.lua", {experiment_founding, sizeof experiment_founding}},
    {"experiments/init-zoo.lua", {experiment_init_zoo, sizeof experiment_init_zoo}},
    {"experiments/ioffe-szegedy.lua", {experiment_ioffe_szegedy, sizeof experiment_ioffe_szegedy}},
    {"experiments/residual.lua", {experiment_residual, sizeof experiment_residual}},
    {"experiments/santurkar.lua", {experiment_santurkar, sizeof experiment_santurkar}},
    {"experiments/what-if.lua", {experiment_what_if, sizeof experiment_what_if}},
    {"experiments/width.lua", {experiment_width, sizeof experiment_width}},
};

SondeEmbeddedFile sonde_embedded_file(const char *path) {
  for (size_t index = 0; index < sizeof files / sizeof files[0]; index++) {
    if (strcmp(files[index].path, path) == 0) return files[index].file;
  }
  return (SondeEmbeddedFile){NULL, 0};
}
