import { cotangentDerivative } from "../loop/functions/gamma.ts";

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

export const erfcReference = (x: number): number => (x < 2 ? 1 - erfReference(x) : erfcFraction(x));

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

/** From here on few terms of the asymptotic series are enough. */
const FAR = 40;

/** ln |Γ(x)| by Stirling's series from 40 on, Γ(x) = Γ(x + 1)/x below, and Γ(x)Γ(1 − x) = π / sin πx below ½. */
export function lgammaReference(x: number): number {
  if (x < 0.5) {
    if (x === -Infinity) return Infinity;
    return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x - Math.round(x))))) - lgammaReference(1 - x);
  }
  let y = x;
  let product = 1;
  for (; y < FAR; y++) product *= y;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / y ** 2) / y ** 2) / y ** 2) / y;
  return (y - 0.5) * (Math.log(y) - 1) - 0.5 + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** ψ⁽ⁿ⁾(x) likewise: (−1)ⁿ⁺¹ n! Σ 1/(x + k)ⁿ⁺¹, closed by the Euler–Maclaurin formula. */
export function polygammaReference(n: number, x: number): number {
  if (x <= 0 && Number.isInteger(x)) return n % 2 === 0 ? Number.NaN : Infinity;
  const sign = n % 2 === 0 ? -1 : 1;
  if (x < 0.5) {
    const c = 1 / Math.tan(Math.PI * (x - Math.round(x)));
    const turn = cotangentDerivative(n).reduceRight((sum, coefficient) => coefficient + c * sum, 0);
    return -sign * polygammaReference(n, 1 - x) - turn;
  }
  let y = x;
  let sum = 0;
  for (; y < FAR + 4 * n; y++) sum += y ** (-n - 1);
  // f(y)/2 + ∫f − Σ B₂ₖ/(2k)! f⁽²ᵏ⁻¹⁾(y) with f(y) = y⁻ⁿ⁻¹
  let term = y ** (-n - 1);
  let rest = term / 2 + (n === 0 ? -Math.log(y) : y ** -n / n);
  let factor = (n + 1) / y;
  [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160].forEach((b, k) => {
    rest += b * term * factor;
    factor *= ((n + 2 * k + 2) * (n + 2 * k + 3)) / y ** 2;
  });
  term = 1;
  for (let k = 2; k <= n; k++) term *= k;
  return sign * term * (sum + rest);
}
