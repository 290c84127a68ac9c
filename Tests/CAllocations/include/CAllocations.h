#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/// How many blocks of memory the process has asked for so far; -1 where nobody counts them.
long allocations_so_far(void);

#endif
