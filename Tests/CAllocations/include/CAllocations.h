#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdbool.h>

/// From now on counts what OpenBLAS asks for apart from the rest; false where it is not found.
bool allocations_tell_openblas_apart(void);

/// How many blocks of memory the process has asked for so far; -1 where nobody counts them.
long allocations_so_far(void);

/// How many of them OpenBLAS has, not in `allocations_so_far`.
///
/// Its small kernels for AVX-512 pack an operand into a block of malloc's, one a call.
long allocations_by_openblas(void);

#endif
