import type { Tensor } from "../graph/tensor.ts";
import { elementwise, type Partial } from "../kinds/elementwise.ts";
import type { LowerableOp } from "../kinds/form.ts";
import { call } from "../loop/build.ts";
import type { Expr, ScalarFunction } from "../loop/ir.ts";
import type { FloatDType } from "../shared/dtype.ts";

/** A function of one float. */
export interface FloatFunction {
  readonly name: string;
  scalar(x: Expr): Expr;
  reference(x: number): number;
  /** ∂y/∂x */
  partial(x: Tensor, y: Tensor): Partial;
  /** x̄ from ȳ. */
  readonly rule: string;
  readonly safe?: number;
  readonly cost: number;
}

/** A call of a scalar function in the operand's dtype. */
export const scalarCall =
  (definition: Readonly<Record<FloatDType, ScalarFunction>>) =>
  (...args: Expr[]): Expr =>
    call(definition[args[0].dtype as FloatDType], ...args);

export const floatFunction = (f: FloatFunction): LowerableOp =>
  elementwise({
    name: f.name,
    operands: ["x"],
    dtypes: ["f32", "f64"],
    scalar: ([x]) => f.scalar(x),
    reference: ([x]) => f.reference(x),
    partials: [({ x: [x], y }) => f.partial(x, y)],
    equations: [f.rule],
    ...(f.safe === undefined ? {} : { safeArgument: [f.safe] }),
    cost: f.cost,
  });
