/* Times a primal: prints its value and the median of the nanoseconds a call takes.
   usage: primal FILE SECONDS */
#define _POSIX_C_SOURCE 200809L
#include "primal.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_TURNS = 1001 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double *values_of(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) return NULL;
  long bytes = ftell(file);
  double *values = malloc((size_t)bytes);
  rewind(file);
  if (!values || fread(values, 1, (size_t)bytes, file) != (size_t)bytes) return NULL;
  fclose(file);
  return values;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const double *in = values_of(argv[1]);
  if (!in) return 1;
  double least = 1e9 * atof(argv[2]);

  /* Short calls share a turn, so that reading the clock does not count. */
  double begin = now();
  volatile double value = primal(in);
  double once = now() - begin;
  long calls = once < 1e5 ? (long)(1e5 / (once + 1)) + 1 : 1;

  static double turns[MOST_TURNS];
  int count = 0;
  double start = now();
  while (count < MOST_TURNS && (count < 3 || now() - start < least)) {
    double from = now();
    for (long i = 0; i < calls; i++) value = primal(in);
    turns[count++] = (now() - from) / (double)calls;
  }
  qsort(turns, (size_t)count, sizeof(double), ascending);
  printf("%.17g %.17g\n", value, turns[count / 2]);
  return 0;
}
