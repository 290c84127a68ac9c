// Conversions, roots, choices and streaming stores of vectors, for which Swift has but loops over their numbers, or nothing. Part of
// whoever calls them, and so compiled for the instructions of the caller's level.

#ifndef CLANES_H
#define CLANES_H

typedef float sonde_float4 __attribute__((ext_vector_type(4)));
typedef float sonde_float16 __attribute__((ext_vector_type(16)));
typedef double sonde_double4 __attribute__((ext_vector_type(4)));
typedef double sonde_double8 __attribute__((ext_vector_type(8)));
typedef double sonde_double16 __attribute__((ext_vector_type(16)));

#define SONDE_INLINE static inline __attribute__((always_inline, const))

/// Four numbers as doubles.
SONDE_INLINE sonde_double4 sonde_widen4(sonde_float4 numbers) { return __builtin_convertvector(numbers, sonde_double4); }
/// Sixteen numbers as doubles.
SONDE_INLINE sonde_double16 sonde_widen16(sonde_float16 numbers) {
  return __builtin_convertvector(numbers, sonde_double16);
}

/// Four doubles, rounded.
SONDE_INLINE sonde_float4 sonde_narrow4(sonde_double4 numbers) { return __builtin_convertvector(numbers, sonde_float4); }
/// Sixteen doubles, rounded.
SONDE_INLINE sonde_float16 sonde_narrow16(sonde_double16 numbers) {
  return __builtin_convertvector(numbers, sonde_float16);
}

/// The square roots of four numbers.
SONDE_INLINE sonde_float4 sonde_sqrt_float4(sonde_float4 numbers) { return __builtin_elementwise_sqrt(numbers); }
/// The same of sixteen.
SONDE_INLINE sonde_float16 sonde_sqrt_float16(sonde_float16 numbers) { return __builtin_elementwise_sqrt(numbers); }
/// The same of doubles.
SONDE_INLINE sonde_double4 sonde_sqrt_double4(sonde_double4 numbers) { return __builtin_elementwise_sqrt(numbers); }
/// The same of sixteen doubles.
SONDE_INLINE sonde_double16 sonde_sqrt_double16(sonde_double16 numbers) { return __builtin_elementwise_sqrt(numbers); }

/// `low` where `test` is at most 0, `high` where it is above 0 or NaN.
SONDE_INLINE sonde_float4 sonde_choose_float4(sonde_float4 test, sonde_float4 low, sonde_float4 high) {
  return test <= 0 ? low : high;
}
/// The same of sixteen numbers.
SONDE_INLINE sonde_float16 sonde_choose_float16(sonde_float16 test, sonde_float16 low, sonde_float16 high) {
  return test <= 0 ? low : high;
}
/// The same of doubles.
SONDE_INLINE sonde_double4 sonde_choose_double4(sonde_double4 test, sonde_double4 low, sonde_double4 high) {
  return test <= 0 ? low : high;
}
/// The same of sixteen doubles.
SONDE_INLINE sonde_double16 sonde_choose_double16(sonde_double16 test, sonde_double16 low, sonde_double16 high) {
  return test <= 0 ? low : high;
}

/// Writes past the caches, where the next reader comes too late to find it there; the address is a multiple of 64.
static inline __attribute__((always_inline)) void sonde_stream_float16(float *place, sonde_float16 numbers) {
  __builtin_nontemporal_store(numbers, (sonde_float16 *)place);
}
/// The same of doubles.
static inline __attribute__((always_inline)) void sonde_stream_double16(double *place, sonde_double16 numbers) {
  __builtin_nontemporal_store(numbers.lo, (sonde_double8 *)place);
  __builtin_nontemporal_store(numbers.hi, (sonde_double8 *)(place + 8));
}
/// What was written past the caches is in memory before what is written from now on.
static inline __attribute__((always_inline)) void sonde_streamed(void) {
#ifdef __x86_64__
  __builtin_ia32_sfence();
#endif
}

/// Asks for a line of memory before it is read; any address will do.
static inline __attribute__((always_inline)) void sonde_prefetch(const void *place) { __builtin_prefetch(place); }

#endif
