/* m, n, x[m] */
#include "primal.h"

double primal(const double *in) {
  long m = (long)in[0], n = (long)in[1];
  const double *x = in + 2;
  double sum = 0;
  for (long i = 0; i < n; i++) {
    double t = -1 + (double)i * 2 / (double)(n - 1);
    double left = t > 0 ? 1 : t < 0 ? -1 : 0;
    double power = 1;
    for (long j = 0; j < m; j++) {
      left -= x[j] * power;
      power *= t;
    }
    sum += left * left;
  }
  return sum / 2;
}
