/**
 * The series of M. C. Mackey & L. Glass (1977), dy/dt = 0.2·y(t − 17) / (1 + y(t − 17)¹⁰) − 0.1·y(t), in the usual
 * discretisation: steps of Euler of 0.1, every tenth value, from 1.2 everywhere, without the first 500 values.
 */
export function mackeyGlass(length: number): Float64Array<ArrayBuffer> {
  const [first, delay, step] = [500, 170, 0.1];
  const y = new Float64Array(delay + 10 * (first + length)).fill(1.2);
  for (let t = delay; t + 1 < y.length; t++) {
    const late = y[t - delay];
    y[t + 1] = y[t] + step * ((0.2 * late) / (1 + late ** 10) - 0.1 * y[t]);
  }
  return Float64Array.from({ length }, (_, i) => y[delay + 10 * (first + i)]);
}
