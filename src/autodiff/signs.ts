import type { Tensor } from "../graph/tensor.ts";
import { addOp, divOp, mulOp } from "../ops/arithmetic.ts";
import { constantOp } from "../ops/constant.ts";
import { expandOp } from "../ops/expand.ts";
import { maximumOp } from "../ops/maximum.ts";
import { rsqrtOp, sqrtOp } from "../ops/power.ts";
import { reshapeOp } from "../ops/reshape.ts";
import { absOp } from "../ops/rounding.ts";
import { extentOp } from "../ops/source.ts";
import { sumOp } from "../ops/sum.ts";
import { transposeOp } from "../ops/transpose.ts";
import type { TypedArray } from "../shared/dtype.ts";

/*
 * What the form of a value tells of its sign: enough to see that √(variance + ε) has no singular point. Values that are
 * not finite are nobody's concern here.
 */

/** How far below a value is looked. */
const DEPTH = 8;

const VIEWS: readonly unknown[] = [expandOp, reshapeOp, transposeOp];

const every = (value: Tensor, test: (x: number) => boolean): boolean =>
  Array.from(value.node.attrs.data as TypedArray).every(test);

/** A constant without zeros. */
export function isNonzeroConstant(value: Tensor): boolean {
  const { op, operands } = value.node;
  if (VIEWS.includes(op)) return isNonzeroConstant(operands[0]);
  return op === constantOp && every(value, x => x !== 0 && Number.isFinite(x));
}

/** Above 0, by more than what products and quotients could round to 0. */
export function isPositive(value: Tensor, depth = DEPTH): boolean {
  const { op, operands } = value.node;
  const [a, b] = operands;
  if (op === constantOp) return every(value, x => x > 0);
  if (op === extentOp) return true;
  if (depth === 0) return false;
  if (VIEWS.includes(op)) return isPositive(a, depth - 1);
  const one = (x: Tensor): boolean => isPositive(x, depth - 1);
  if (op === sqrtOp || op === rsqrtOp) return one(a);
  if (op === maximumOp) return one(a) || one(b);
  if (op !== addOp) return false;
  return (one(b) && isNonNegative(a, depth - 1)) || (one(a) && isNonNegative(b, depth - 1));
}

function isNonNegative(value: Tensor, depth: number): boolean {
  const { op, operands } = value.node;
  const [a, b] = operands;
  if (op === constantOp) return every(value, x => x >= 0);
  if (op === absOp || op === extentOp || (op === mulOp && a === b)) return true;
  if (depth === 0) return false;
  const sign = (x: Tensor): boolean => isNonNegative(x, depth - 1);
  if (VIEWS.includes(op) || op === sumOp) return sign(a);
  if (op === maximumOp) return sign(a) || sign(b);
  return (op === addOp || op === mulOp || op === divOp) && sign(a) && sign(b);
}
