// OpenBLAS: cblas_*, the LAPACK inside it, and openblas_set_num_threads.
#pragma once
#include <cblas.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

/// Ends the threads that OpenBLAS starts when it is loaded; not every build has them.
extern int blas_thread_shutdown_(void) __attribute__((weak));

static inline void sonde_keep_to_one_thread(void) {
  // in this order: setting a number starts the threads anew
  openblas_set_num_threads(1);
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}

/// Takes back OpenBLAS's choice of kernels, and makes it; builds for one kind of processor have no choice.
extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern void gotoblas_dynamic_init(void) __attribute__((weak));

/// The kernels for a processor that OpenBLAS has chosen `core` for, NULL where that is as good as any.
///
/// Processors younger than OpenBLAS get kernels from before AVX2 (0.3.21: Prescott on Emerald Rapids), which are five
/// times slower.
static inline const char *sonde_better_core(const char *core, bool has_avx2, bool has_avx512) {
  static const char *const old[] = {"Prescott", "Nehalem", "Sandybridge", "Barcelona"};
  for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
    if (strcasecmp(core, old[i]) == 0) return has_avx512 ? "SkylakeX" : has_avx2 ? "Haswell" : NULL;
  }
  return NULL;
}

/// Corrects OpenBLAS's choice of kernels, unless the environment makes it; before other threads look at the environment.
static inline void sonde_choose_core(void) {
#ifdef __x86_64__
  static const char variable[] = "OPENBLAS_CORETYPE";
  if (!gotoblas_dynamic_quit || !gotoblas_dynamic_init || getenv(variable)) return;
  __builtin_cpu_init();
  bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512vl");
  const char *better = sonde_better_core(openblas_get_corename(), has_avx2, has_avx512);
  if (!better || setenv(variable, better, 1) != 0) return;
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  // programs that are started choose for themselves
  unsetenv(variable);
#endif
}

// LAPACK's Fortran routines in both precisions: every argument by address, the lengths of characters at the end.
#define SONDE_LAPACK(name, ...) \
  void s##name##_(__VA_ARGS__); \
  void d##name##_(__VA_ARGS__);
SONDE_LAPACK(gesdd, const char *job, const blasint *m, const blasint *n, void *a, const blasint *lda, void *s, void *u,
             const blasint *ldu, void *vh, const blasint *ldvh, void *work, const blasint *lwork, blasint *iwork,
             blasint *info, size_t job_length)
SONDE_LAPACK(geqrf, const blasint *m, const blasint *n, void *a, const blasint *lda, void *tau, void *work,
             const blasint *lwork, blasint *info)
SONDE_LAPACK(orgqr, const blasint *m, const blasint *n, const blasint *k, void *a, const blasint *lda, const void *tau,
             void *work, const blasint *lwork, blasint *info)
SONDE_LAPACK(syevd, const char *job, const char *triangle, const blasint *n, void *a, const blasint *lda, void *w,
             void *work, const blasint *lwork, blasint *iwork, const blasint *liwork, blasint *info, size_t job_length,
             size_t triangle_length)
SONDE_LAPACK(potrf, const char *triangle, const blasint *n, void *a, const blasint *lda, blasint *info,
             size_t triangle_length)
SONDE_LAPACK(getrf, const blasint *m, const blasint *n, void *a, const blasint *lda, blasint *pivots, blasint *info)
SONDE_LAPACK(getrs, const char *transpose, const blasint *n, const blasint *columns, const void *a, const blasint *lda,
             const blasint *pivots, void *b, const blasint *ldb, blasint *info, size_t transpose_length)
SONDE_LAPACK(gelsd, const blasint *m, const blasint *n, const blasint *columns, void *a, const blasint *lda, void *b,
             const blasint *ldb, void *s, const void *rcond, blasint *rank, void *work, const blasint *lwork,
             blasint *iwork, blasint *info)
SONDE_LAPACK(trtrs, const char *triangle, const char *transpose, const char *unit, const blasint *n,
             const blasint *columns, const void *a, const blasint *lda, void *b, const blasint *ldb, blasint *info,
             size_t triangle_length, size_t transpose_length, size_t unit_length)

// The same by value, for float64 when `wide`; columns lie without gaps. Each answers LAPACK's info.
#define SONDE_CALL(name, ...) \
  if (wide) d##name##_(__VA_ARGS__); \
  else s##name##_(__VA_ARGS__); \
  return info

static inline blasint sonde_stride(blasint rows) { return rows > 1 ? rows : 1; }

static inline blasint sonde_gesdd(bool wide, char job, blasint m, blasint n, void *a, void *s, void *u, void *vh,
                                  void *work, blasint lwork, blasint *iwork) {
  blasint info = 0, lda = sonde_stride(m), ldvh = sonde_stride(job == 'A' || m > n ? n : m);
  SONDE_CALL(gesdd, &job, &m, &n, a, &lda, s, u, &lda, vh, &ldvh, work, &lwork, iwork, &info, 1);
}

static inline blasint sonde_geqrf(bool wide, blasint m, blasint n, void *a, void *tau, void *work, blasint lwork) {
  blasint info = 0, lda = sonde_stride(m);
  SONDE_CALL(geqrf, &m, &n, a, &lda, tau, work, &lwork, &info);
}

static inline blasint sonde_orgqr(bool wide, blasint m, blasint n, blasint k, void *a, const void *tau, void *work,
                                  blasint lwork) {
  blasint info = 0, lda = sonde_stride(m);
  SONDE_CALL(orgqr, &m, &n, &k, a, &lda, tau, work, &lwork, &info);
}

static inline blasint sonde_syevd(bool wide, char job, blasint n, void *a, void *w, void *work, blasint lwork,
                                  blasint *iwork, blasint liwork) {
  blasint info = 0, lda = sonde_stride(n);
  SONDE_CALL(syevd, &job, "L", &n, a, &lda, w, work, &lwork, iwork, &liwork, &info, 1, 1);
}

static inline blasint sonde_potrf(bool wide, char triangle, blasint n, void *a) {
  blasint info = 0, lda = sonde_stride(n);
  SONDE_CALL(potrf, &triangle, &n, a, &lda, &info, 1);
}

static inline blasint sonde_getrf(bool wide, blasint n, void *a, blasint *pivots) {
  blasint info = 0, lda = sonde_stride(n);
  SONDE_CALL(getrf, &n, &n, a, &lda, pivots, &info);
}

static inline blasint sonde_getrs(bool wide, char transpose, blasint n, blasint columns, const void *a,
                                  const blasint *pivots, void *b) {
  blasint info = 0, lda = sonde_stride(n);
  SONDE_CALL(getrs, &transpose, &n, &columns, a, &lda, pivots, b, &lda, &info, 1);
}

static inline blasint sonde_gelsd(bool wide, blasint m, blasint n, blasint columns, void *a, void *b, void *s,
                                  double rcond, blasint *rank, void *work, blasint lwork, blasint *iwork) {
  blasint info = 0, lda = sonde_stride(m), ldb = sonde_stride(m > n ? m : n);
  float narrow = (float)rcond;
  const void *tolerance = wide ? (const void *)&rcond : (const void *)&narrow;
  SONDE_CALL(gelsd, &m, &n, &columns, a, &lda, b, &ldb, s, tolerance, rank, work, &lwork, iwork, &info);
}

static inline blasint sonde_trtrs(bool wide, char triangle, char transpose, char unit, blasint n, blasint columns,
                                  const void *a, void *b) {
  blasint info = 0, lda = sonde_stride(n);
  SONDE_CALL(trtrs, &triangle, &transpose, &unit, &n, &columns, a, &lda, b, &lda, &info, 1, 1, 1);
}
