/* l, c, b, main[2l][4b], extra[3][b], state[2l][b], sequence[c][b] */
#include "primal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

double primal(const double *in) {
  long layers = (long)in[0], c = (long)in[1], b = (long)in[2];
  const double *weights = in + 3, *extra = weights + 8 * layers * b, *first = extra + 3 * b;
  const double *sequence = first + 2 * layers * b;
  double *state = malloc((size_t)(2 * layers * b + b) * sizeof(double));
  double *x = state + 2 * layers * b;
  memcpy(state, first, (size_t)(2 * layers * b) * sizeof(double));
  double total = 0;
  for (long t = 0; t + 1 < c; t++) {
    for (long i = 0; i < b; i++) x[i] = sequence[t * b + i] * extra[i];
    for (long layer = 0; layer < layers; layer++) {
      const double *w = weights + 8 * layer * b, *bias = w + 4 * b;
      double *hidden = state + 2 * layer * b, *cell = hidden + b;
      for (long i = 0; i < b; i++) {
        double forget = sigmoid(x[i] * w[i] + bias[i]);
        double enter = sigmoid(hidden[i] * w[b + i] + bias[b + i]);
        double leave = sigmoid(x[i] * w[2 * b + i] + bias[2 * b + i]);
        double change = tanh(hidden[i] * w[3 * b + i] + bias[3 * b + i]);
        cell[i] = cell[i] * forget + enter * change;
        hidden[i] = leave * tanh(cell[i]);
        x[i] = hidden[i];
      }
    }
    double sum = 2;
    for (long i = 0; i < b; i++) {
      x[i] = x[i] * extra[b + i] + extra[2 * b + i];
      sum += exp(x[i]);
    }
    double norm = log(sum);
    for (long i = 0; i < b; i++) total += sequence[(t + 1) * b + i] * (x[i] - norm);
  }
  free(state);
  return -total / (double)((c - 1) * b);
}
