/* What each primal offers to main.c: a number from the values in a file (sizes first, then arrays, all as doubles). */
#ifndef GRADC_BENCH_PRIMAL_H
#define GRADC_BENCH_PRIMAL_H

double primal(const double *in);

#endif
