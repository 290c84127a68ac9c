// OpenBLAS: cblas_*, LAPACKE-free LAPACK, and openblas_set_num_threads.
#pragma once
#include <cblas.h>
