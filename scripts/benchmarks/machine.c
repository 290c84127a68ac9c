/* What the machine can do at most: fused multiply-adds in registers, and copying by memcpy. Arguments: threads, seconds for each
   workload, names of workloads. Compiled by scripts/bench for the processor it runs on. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Bytes of a register, and how many sums keep every unit busy and still fit into the registers. */
#if defined(__AVX512F__)
enum { WIDTH = 64, SUMS = 24 };
#elif defined(__AVX__)
enum { WIDTH = 32, SUMS = 12 };
#elif defined(__aarch64__)
enum { WIDTH = 16, SUMS = 24 };
#else
enum { WIDTH = 16, SUMS = 12 };
#endif

typedef float floats __attribute__((vector_size(WIDTH)));
typedef double doubles __attribute__((vector_size(WIDTH)));

enum { TURNS = 50000, THREADS = 1024 };
static const double TINY = 1e-6;

/* TURNS times a multiplication and an addition in every lane of every sum; the sum of all, so that none is left out. */
#define MULTIPLY_ADD(name, element, vector)                                  \
  static double name(void) {                                                 \
    volatile element shrink = (element)(1 - TINY), grow = (element)TINY;     \
    vector factor = shrink - (vector){0}, term = grow - (vector){0};         \
    vector sums[SUMS], total = {0};                                          \
    for (int i = 0; i < SUMS; i++) sums[i] = term * (element)i;              \
    for (int turn = 0; turn < TURNS; turn++) {                               \
      _Pragma("GCC unroll 24")                                               \
      for (int i = 0; i < SUMS; i++) sums[i] = sums[i] * factor + term;      \
    }                                                                        \
    for (int i = 0; i < SUMS; i++) total += sums[i];                         \
    return (double)total[0];                                                 \
  }
MULTIPLY_ADD(multiply_add_floats, float, floats)
MULTIPLY_ADD(multiply_add_doubles, double, doubles)

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* One thread's share: either sums of one type, or copies of some bytes. */
struct share {
  double (*sums)(void);
  char *target, *source;
  size_t bytes;
  int copies;
  atomic_int *waiting;
  double began, ended, result;
};

static void *work(void *argument) {
  struct share *share = argument;
  atomic_fetch_sub(share->waiting, 1);
  while (atomic_load(share->waiting) > 0) {
  }
  share->began = now();
  if (share->sums) share->result = share->sums();
  for (int copy = 0; copy < share->copies; copy++) {
    /* the compiler may not join two copies into one */
    share->source[0] = (char)copy;
    memcpy(share->target, share->source, share->bytes);
    share->result += share->target[share->bytes - 1];
  }
  share->ended = now();
  return NULL;
}

/* The seconds from the first thread's beginning to the last one's end. */
static double together(struct share *shares, int threads) {
  static volatile double sink;
  pthread_t others[THREADS];
  atomic_int waiting = threads;
  for (int i = 0; i < threads; i++) shares[i].waiting = &waiting;
  for (int i = 1; i < threads; i++) {
    if (pthread_create(&others[i], NULL, work, &shares[i])) {
      fprintf(stderr, "machine: can't start a thread\n");
      exit(1);
    }
  }
  work(&shares[0]);
  double began = shares[0].began, ended = shares[0].ended;
  for (int i = 1; i < threads; i++) {
    pthread_join(others[i], NULL);
    if (shares[i].began < began) began = shares[i].began;
    if (shares[i].ended > ended) ended = shares[i].ended;
  }
  for (int i = 0; i < threads; i++) sink += shares[i].result;
  return ended - began;
}

/* Prints samples of the seconds one workload takes, `calls` of which are in the shares. */
static void measure(const char *name, struct share *shares, int threads, double calls, double budget) {
  together(shares, threads);
  double start = now();
  do {
    printf("%s\t%.9g\n", name, together(shares, threads) / calls);
  } while (now() - start < budget);
}

static void multiply_add(const char *name, struct share *shares, int threads, double budget) {
  int wide = strcmp(name, "fma_f64") == 0;
  for (int i = 0; i < threads; i++) shares[i].sums = wide ? multiply_add_doubles : multiply_add_floats;
  double lanes = WIDTH / (wide ? sizeof(double) : sizeof(float));
  measure(name, shares, threads, 2.0 * lanes * SUMS * TURNS * threads / 1e9, budget);
}

/* A copy that moves so many bytes, read and written, divided among the threads. */
static void copy(const char *name, struct share *shares, int threads, size_t moved, double budget) {
  size_t bytes = moved / 2 / (size_t)threads;
  /* of small copies so many that the start of the threads doesn't count */
  int copies = moved < 20000000 ? (int)(20000000 / moved) : 1;
  for (int i = 0; i < threads; i++) {
    char *source = malloc(bytes), *target = malloc(bytes);
    if (!source || !target) {
      fprintf(stderr, "machine: no memory for %s\n", name);
      exit(1);
    }
    memset(source, 1, bytes);
    memset(target, 2, bytes);
    shares[i] = (struct share){.target = target, .source = source, .bytes = bytes, .copies = copies};
  }
  measure(name, shares, threads, copies, budget);
  for (int i = 0; i < threads; i++) {
    free(shares[i].source);
    free(shares[i].target);
  }
}

int main(int count, char **arguments) {
  static struct share shares[THREADS];
  int threads = count > 2 ? atoi(arguments[1]) : 0;
  if (threads < 1 || threads > THREADS) {
    fprintf(stderr, "machine: expected threads from 1 to %d, seconds and names\n", THREADS);
    return 2;
  }
  double budget = atof(arguments[2]);
  printf("version\t%d-byte registers, " __VERSION__ "\n", WIDTH);
  for (int i = 3; i < count; i++) {
    memset(shares, 0, sizeof shares);
    if (strncmp(arguments[i], "fma_", 4) == 0) multiply_add(arguments[i], shares, threads, budget);
    if (strncmp(arguments[i], "memcpy_", 7) == 0) {
      copy(arguments[i], shares, threads, (size_t)atof(arguments[i] + 7), budget);
    }
  }
  return 0;
}
