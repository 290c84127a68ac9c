#ifndef CPROCESSOR_H
#define CPROCESSOR_H

/// The highest level of x86-64 (1 to 4, as in its System V ABI) whose instructions the processor has and whose registers the
/// system saves; 1 on every other processor.
int processor_level(void);

#endif
