/* n, s, x[n]; gives the sum of the solution */
#include "primal.h"
#include <stdlib.h>

static void slope(long n, const double *x, const double *y, double *k) {
  k[0] = x[0];
  for (long i = 1; i < n; i++) k[i] = x[i] * y[i - 1];
}

static void ahead(long n, const double *y, double h, const double *k, double *out) {
  for (long i = 0; i < n; i++) out[i] = y[i] + h * k[i];
}

double primal(const double *in) {
  long n = (long)in[0], s = (long)in[1];
  const double *x = in + 2;
  double h = 2 / (double)s;
  double *y = calloc((size_t)(6 * n), sizeof(double));
  double *k1 = y + n, *k2 = k1 + n, *k3 = k2 + n, *k4 = k3 + n, *at = k4 + n;
  for (long step = 0; step < s; step++) {
    slope(n, x, y, k1);
    ahead(n, y, h / 2, k1, at);
    slope(n, x, at, k2);
    ahead(n, y, h / 2, k2, at);
    slope(n, x, at, k3);
    ahead(n, y, h, k3, at);
    slope(n, x, at, k4);
    for (long i = 0; i < n; i++) y[i] += h / 6 * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
  }
  double sum = 0;
  for (long i = 0; i < n; i++) sum += y[i];
  free(y);
  return sum;
}
