import type { Scalar, Tensor } from "../graph/tensor.ts";
import { elementwise } from "../kinds/elementwise.ts";
import type { LowerableOp } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { CompareFn } from "../loop/ir.ts";
import { DTYPES } from "../shared/dtype.ts";
import { applyBroadcast, type Join, type Operand } from "./coerce.ts";

/** bool in the shape that the operands broadcast to. */
export type Truth<A, B = number> = Join<A, B> extends Scalar ? Scalar<"bool"> : Tensor<"bool">;

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

interface Comparison {
  readonly name: CompareFn;
  readonly sign: string;
  readonly words: string;
  /** Order does not matter, and bool is taken too. */
  readonly symmetric?: boolean;
  readonly nan: string;
  test(x: number, y: number): boolean;
  /** Of [1, 2, 2] against [2, 2, 1]. */
  readonly sample: readonly number[];
}

const comparison = (c: Comparison): LowerableOp =>
  elementwise({
    name: c.name,
    doc: {
      summary: `Whether x ${c.words} y, elementwise.`,
      equation: `z = x ${c.sign} y`,
      operands: ["x", "y"],
      attributes: [],
      kinks: `NaN: ${c.nan}; not differentiable`,
    },
    dtypes: c.symmetric ? DTYPES : NUMERIC,
    signature: "compare",
    commutative: c.symmetric ?? false,
    scalar: ([x, y]) => s.compare(c.name, x, y),
    reference: ([x, y]) => (c.test(x, y) ? 1 : 0),
    partials: null,
    cost: 1,
    samples: [
      {
        inputs: [
          { shape: [4], data: [1, 2, 2, Number.NaN] },
          { shape: [4], data: [2, 2, 1, 1] },
        ],
        outputs: [{ dtype: "bool", shape: [4], data: [...c.sample, c.name === "ne" ? 1 : 0] }],
        source: "by hand",
      },
    ],
  });

const FALSE = "false";

export const eqOp = comparison({
  name: "eq",
  sign: "=",
  words: "equals",
  symmetric: true,
  nan: FALSE,
  test: (x, y) => x === y,
  sample: [0, 1, 0],
});
export const neOp = comparison({
  name: "ne",
  sign: "≠",
  words: "differs from",
  symmetric: true,
  nan: "true",
  test: (x, y) => x !== y,
  sample: [1, 0, 1],
});
export const ltOp = comparison({
  name: "lt",
  sign: "<",
  words: "is less than",
  nan: FALSE,
  test: (x, y) => x < y,
  sample: [1, 0, 0],
});
export const leOp = comparison({
  name: "le",
  sign: "≤",
  words: "is at most",
  nan: FALSE,
  test: (x, y) => x <= y,
  sample: [1, 1, 0],
});
export const gtOp = comparison({
  name: "gt",
  sign: ">",
  words: "is greater than",
  nan: FALSE,
  test: (x, y) => x > y,
  sample: [0, 0, 1],
});
export const geOp = comparison({
  name: "ge",
  sign: "≥",
  words: "is at least",
  nan: FALSE,
  test: (x, y) => x >= y,
  sample: [0, 1, 1],
});

/** x = y, elementwise with broadcasting. False where one is NaN. */
export function eq<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(eqOp, [x, y]) as Truth<A, B>;
}
/** x ≠ y, elementwise with broadcasting. True where one is NaN. */
export function ne<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(neOp, [x, y]) as Truth<A, B>;
}
/** x < y, elementwise with broadcasting. */
export function lt<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(ltOp, [x, y]) as Truth<A, B>;
}
/** x ≤ y, elementwise with broadcasting. */
export function le<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(leOp, [x, y]) as Truth<A, B>;
}
/** x > y, elementwise with broadcasting. */
export function gt<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(gtOp, [x, y]) as Truth<A, B>;
}
/** x ≥ y, elementwise with broadcasting. */
export function ge<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(geOp, [x, y]) as Truth<A, B>;
}
