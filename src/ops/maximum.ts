import type { Tensor } from "../graph/tensor.ts";
import { elementwise, type Partial } from "../kinds/elementwise.ts";
import * as s from "../loop/build.ts";
import type { NumericDType } from "../shared/dtype.ts";
import { apply, applyBroadcast, type Join, type Operand } from "./coerce.ts";
import { eqOp, gtOp, ltOp } from "./compare.ts";
import { fill } from "./source.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

/** 1 where `wins`, ½ where x = y, else 0. */
function share(wins: Tensor, x: Tensor, y: Tensor): Partial {
  const tie = apply(eqOp, [x, y]);
  const half: Partial = { times: fill(0.5, x.shape, x.dtype) };
  return { where: wins, yes: "one", no: { where: tie, yes: half, no: "zero" } };
}

export const maximumOp = elementwise({
  name: "maximum",
  operands: ["x", "y"],
  dtypes: NUMERIC,
  commutative: true,
  scalar: ([x, y]) => s.max(x, y),
  reference: ([x, y]) => Math.max(x, y),
  partials: [({ x: [x, y] }) => share(apply(gtOp, [x, y]), x, y), ({ x: [x, y] }) => share(apply(gtOp, [y, x]), x, y)],
  equations: ["where(x > y, ȳ, where(x = y, ȳ/2, 0))", "where(y > x, ȳ, where(x = y, ȳ/2, 0))"],
  cost: 1,
});

export const minimumOp = elementwise({
  name: "minimum",
  operands: ["x", "y"],
  dtypes: NUMERIC,
  commutative: true,
  scalar: ([x, y]) => s.min(x, y),
  reference: ([x, y]) => Math.min(x, y),
  partials: [({ x: [x, y] }) => share(apply(ltOp, [x, y]), x, y), ({ x: [x, y] }) => share(apply(ltOp, [y, x]), x, y)],
  equations: ["where(x < y, ȳ, where(x = y, ȳ/2, 0))", "where(y < x, ȳ, where(x = y, ȳ/2, 0))"],
  cost: 1,
});

/** The larger of x and y, elementwise with broadcasting; NaN if one is. At ties each gets half the gradient. */
export function maximum<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(maximumOp, [x, y]) as Join<A, B>;
}

/** The smaller of x and y, elementwise with broadcasting; NaN if one is. At ties each gets half the gradient. */
export function minimum<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(minimumOp, [x, y]) as Join<A, B>;
}
