#include "CProcessor.h"

#if defined(__x86_64__)

#include <cpuid.h>

/// Bits of the leaves of cpuid that the levels of the System V ABI's table 3.1 name.
enum {
  // leaf 1, ecx: SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT
  SECOND = 1 << 0 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 23,
  // leaf 1, ecx: FMA, MOVBE, OSXSAVE, AVX, F16C
  THIRD = 1 << 12 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 29,
  // leaf 7, ebx: BMI1, AVX2, BMI2
  THIRD_EXTENDED = 1 << 3 | 1 << 5 | 1 << 8,
  // leaf 0x80000001, ecx: LAHF; LZCNT
  SECOND_AMD = 1 << 0,
  THIRD_AMD = 1 << 5,
  // what the system saves: xmm and ymm; and k0 to k7, the upper halves of zmm0 to zmm15, and zmm16 to zmm31
  SAVES_YMM = 0x06,
  SAVES_ZMM = 0xE6,
};

/// Leaf 7, ebx: AVX512F, AVX512DQ, AVX512CD, AVX512BW, AVX512VL.
static const unsigned fourth_extended = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;

static int has(unsigned found, unsigned wanted) { return (found & wanted) == wanted; }

/// The registers that the system saves when it switches threads; only where cpuid says OSXSAVE.
static unsigned saved_registers(void) {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

int processor_level(void) {
  unsigned eax, ebx, ecx, edx;
  unsigned features, extended = 0, amd = 0;
  if (!__get_cpuid(1, &eax, &ebx, &features, &edx)) return 1;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) extended = ebx;
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx)) amd = ecx;
  if (!has(features, SECOND) || !has(amd, SECOND_AMD)) return 1;
  if (!has(features, THIRD) || !has(extended, THIRD_EXTENDED) || !has(amd, THIRD_AMD)) return 2;
  unsigned saved = saved_registers();
  if (!has(saved, SAVES_YMM)) return 2;
  return has(extended, fourth_extended) && has(saved, SAVES_ZMM) ? 4 : 3;
}

#else

int processor_level(void) { return 1; }

#endif
