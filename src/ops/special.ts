/*
 * Special functions in plain numbers, for reference evaluation: slow, simple, right to about 1e-15.
 */

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** erf x = 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!, all terms of one sign; for |x| ≤ 3. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
}

/** erfc x = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), for x ≥ 2. */
function erfcFraction(x: number): number {
  let tail = x;
  for (let k = 120; k >= 1; k--) tail = x + k / 2 / tail;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
}

export function erfReference(x: number): number {
  if (Number.isNaN(x) || x === 0) return x;
  const a = Math.abs(x);
  const y = a < 2.5 ? erfSeries(a) : 1 - erfcFraction(a);
  return x < 0 ? -y : y;
}

const erfcReference = (x: number): number => (x < 2 ? 1 - erfReference(x) : erfcFraction(x));

/** The x with erf x = y: Newton's method on erf near 0 and on ln erfc in the tail. */
export function erfinvReference(y: number): number {
  const a = Math.abs(y);
  if (!(a <= 1)) return Number.NaN;
  if (a === 1) return y * Infinity;
  if (a === 0) return y;
  const rest = 1 - a;
  let x = a < 0.7 ? a / TWO_OVER_ROOT_PI : Math.sqrt(-Math.log(rest * 1.2));
  for (let step = 0; step < 60; step++) {
    const slope = TWO_OVER_ROOT_PI * Math.exp(-x * x);
    let correction: number;
    if (a < 0.7) correction = (erfReference(x) - a) / slope;
    else {
      const tail = erfcReference(x);
      correction = (-tail * Math.log(tail / rest)) / slope;
    }
    x -= correction;
    if (Math.abs(correction) <= 1e-16 * x) break;
  }
  return y < 0 ? -x : x;
}
