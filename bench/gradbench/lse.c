/* n, x[n] */
#include "primal.h"
#include <math.h>

double primal(const double *in) {
  long n = (long)in[0];
  const double *x = in + 1;
  double most = x[0];
  for (long i = 1; i < n; i++) {
    if (x[i] > most) most = x[i];
  }
  double sum = 0;
  for (long i = 0; i < n; i++) sum += exp(x[i] - most);
  return most + log(sum);
}
