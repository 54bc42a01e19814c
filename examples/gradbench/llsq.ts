import { add, arange, indexAt, mul, pad, reshape, type Scalar, scan, sign, sub, sum, type Tensor, zeros } from "gradc";
import { gradientTask, valueTask } from "./function-of-vector.ts";
import type { Module } from "./task.ts";

interface Input {
  readonly x: readonly number[];
  readonly n: number;
}

/** Coefficients that one step of Horner's rule takes. */
const BLOCK = 8;

/** Σⱼ xⱼ·tʲ at every t, by Horner's rule, several coefficients a step. */
function polynomial(x: Tensor<"f64">, t: Tensor<"f64">): Tensor<"f64"> {
  const m = x.shape[0] as number;
  const size = Math.min(BLOCK, m);
  const blocks = Math.ceil(m / size);
  const coefficients = reshape(pad(x, [[0, blocks * size - m]]), [blocks, size]);
  const { carry } = scan(
    (value: Tensor<"f64">, c: Tensor<"f64">) => {
      let next = value;
      for (let j = size - 1; j >= 0; j--) next = add(mul(next, t), indexAt(c, j));
      return { carry: next };
    },
    zeros(t.shape, "f64"),
    coefficients,
    { reverse: true },
  );
  return carry;
}

/** ½ Σᵢ (sᵢ − p(tᵢ))² of the polynomial p with coefficients x, at n points from −1 to 1, for s = sign(t). */
export function leastSquares(x: Tensor<"f64">, n: number): Scalar<"f64"> {
  const t = add(mul(arange(n, "f64"), 2 / (n - 1)), -1);
  const residual = sub(sign(t), polynomial(x, t));
  return mul(sum(mul(residual, residual)), 0.5);
}

/** Linear least squares: the objective, and its gradient in the coefficients. */
export const llsq: Module = {
  primal: ({ x, n }: Input) => valueTask(`llsq primal ${n}`, x, at => leastSquares(at, n)),
  gradient: ({ x, n }: Input) => gradientTask(`llsq gradient ${n}`, x, at => leastSquares(at, n)),
};
