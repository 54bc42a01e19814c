/* d, k, n, the constant of the prior and the normal densities, x[n][d], alpha[k], mu[k][d], q[k][d], l[k][d(d-1)/2];
   m = 0 and gamma = 1 */
#include "primal.h"
#include <math.h>
#include <stdlib.h>

static double log_sum_exp(long n, const double *x) {
  double most = x[0], sum = 0;
  for (long i = 1; i < n; i++) {
    if (x[i] > most) most = x[i];
  }
  for (long i = 0; i < n; i++) sum += exp(x[i] - most);
  return most + log(sum);
}

double primal(const double *in) {
  long d = (long)in[0], k = (long)in[1], n = (long)in[2], below = d * (d - 1) / 2;
  const double *x = in + 4, *alpha = x + n * d, *mu = alpha + k, *q = mu + k * d, *l = q + k * d;
  double *diagonal = malloc((size_t)(k * d + 2 * k + 2 * d) * sizeof(double));
  double *sums = diagonal + k * d, *terms = sums + k, *centred = terms + k, *turned = centred + d;
  double prior = 0;
  for (long c = 0; c < k; c++) {
    sums[c] = 0;
    for (long i = 0; i < d; i++) {
      double e = exp(q[c * d + i]);
      diagonal[c * d + i] = e;
      sums[c] += q[c * d + i];
      prior -= e * e / 2;
    }
    for (long i = 0; i < below; i++) prior -= l[c * below + i] * l[c * below + i] / 2;
  }
  double total = 0;
  for (long p = 0; p < n; p++) {
    for (long c = 0; c < k; c++) {
      for (long i = 0; i < d; i++) {
        centred[i] = x[p * d + i] - mu[c * d + i];
        turned[i] = diagonal[c * d + i] * centred[i];
      }
      const double *entry = l + c * below;
      for (long column = 0; column < d; column++) {
        for (long row = column + 1; row < d; row++) turned[row] += *entry++ * centred[column];
      }
      double square = 0;
      for (long i = 0; i < d; i++) square += turned[i] * turned[i];
      terms[c] = alpha[c] + sums[c] - square / 2;
    }
    total += log_sum_exp(k, terms);
  }
  total += prior - (double)n * log_sum_exp(k, alpha) + in[3];
  free(diagonal);
  return total;
}
