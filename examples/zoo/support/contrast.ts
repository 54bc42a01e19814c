/** A machine's couplings w [visible, hidden] and biases b, c, or something for each of them. */
type Values = Readonly<Record<"w" | "b" | "c", ArrayLike<number>>>;

/** The means over examples v of vᵢ·p(hⱼ = 1 | v), of vᵢ, and of p(hⱼ = 1 | v), in double precision. */
function statistics(v: ArrayLike<number>, { w, b, c }: Values): Record<"w" | "b" | "c", Float64Array> {
  const [visible, hidden] = [b.length, c.length];
  const means = { w: new Float64Array(w.length), b: new Float64Array(visible), c: new Float64Array(hidden) };
  const examples = v.length / visible;
  for (let n = 0; n < examples; n++) {
    const own = Float64Array.from({ length: visible }, (_, i) => v[n * visible + i] / examples);
    const p = Float64Array.from({ length: hidden }, (_, j) => {
      let field = c[j];
      for (let i = 0; i < visible; i++) field += v[n * visible + i] * w[i * hidden + j];
      return 1 / (1 + Math.exp(-field));
    });
    for (let i = 0; i < visible; i++) {
      means.b[i] += own[i];
      for (let j = 0; j < hidden; j++) means.w[i * hidden + j] += own[i] * p[j];
    }
    for (let j = 0; j < hidden; j++) means.c[j] += p[j] / examples;
  }
  return means;
}

/**
 * How far gradients of F(data) − F(dreamt) are from the statistics of contrastive divergence, ⟨v·h⟩dreamt − ⟨v·h⟩data and
 * the same of v and h alone: the largest difference.
 */
export function contrastError(gradient: Values, data: Float32Array, dreamt: Float32Array, machine: Values): number {
  const [seen, dreams] = [statistics(data, machine), statistics(dreamt, machine)];
  let most = 0;
  for (const what of ["w", "b", "c"] as const) {
    for (let i = 0; i < seen[what].length; i++) {
      most = Math.max(most, Math.abs(gradient[what][i] - (dreams[what][i] - seen[what][i])));
    }
  }
  return most;
}
