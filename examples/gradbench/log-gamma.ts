/** log Γ(x) of a whole number or a half one, from 1/2 on: Γ(x + 1) = x·Γ(x). */
function logGamma(x: number): number {
  let value = Number.isInteger(x) ? 0 : Math.log(Math.PI) / 2;
  for (let at = Number.isInteger(x) ? 1 : 0.5; at < x; at++) value += Math.log(at);
  return value;
}

/** The logarithm of the multivariate gamma function of dimension d at a multiple of 1/2. */
export function logMultivariateGamma(x: number, d: number): number {
  let value = (d * (d - 1) * Math.log(Math.PI)) / 4;
  for (let j = 0; j < d; j++) value += logGamma(x - j / 2);
  return value;
}
