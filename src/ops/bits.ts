import { elementwise } from "../kinds/elementwise.ts";
import type { LowerableOp } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { BinaryFn } from "../loop/ir.ts";
import type { IntDType } from "../shared/dtype.ts";
import { applyBroadcast, type Join, type Like, type Operand } from "./coerce.ts";

const INTEGERS = ["i32", "u32"] as const;

interface BitOperation {
  readonly name: string;
  readonly sign: string;
  readonly summary: string;
  readonly fn: BinaryFn;
  readonly commutative?: boolean;
  readonly kinks?: string;
  apply(x: number, y: number, dtype: string): number;
  /** u32 results of [12, 0x80000000] with [10, 1]. */
  readonly sample: readonly [number, number];
}

const bitwise = (b: BitOperation): LowerableOp =>
  elementwise({
    name: b.name,
    doc: {
      summary: b.summary,
      equation: `z = x ${b.sign} y`,
      operands: ["x", "y"],
      attributes: [],
      kinks: b.kinks ?? "none; not differentiable",
    },
    dtypes: INTEGERS,
    commutative: b.commutative ?? false,
    scalar: ([x, y]) => s.binary(b.fn, x, y),
    reference: ([x, y], dtype) => b.apply(x, y, dtype),
    partials: null,
    cost: 1,
    samples: [
      {
        inputs: [
          { dtype: "u32", shape: [2], data: [12, 0x80000000] },
          { dtype: "u32", shape: [2], data: [10, 1] },
        ],
        outputs: [{ dtype: "u32", shape: [2], data: b.sample }],
        source: "by hand",
      },
    ],
  });

const COUNT = "the count is taken modulo 32; not differentiable";

export const bitAndOp = bitwise({
  name: "bitAnd",
  sign: "&",
  summary: "The bits set in both integers.",
  fn: "and",
  commutative: true,
  apply: (x, y) => x & y,
  sample: [8, 0],
});
export const bitOrOp = bitwise({
  name: "bitOr",
  sign: "|",
  summary: "The bits set in at least one of two integers.",
  fn: "or",
  commutative: true,
  apply: (x, y) => x | y,
  sample: [14, 0x80000001],
});
export const bitXorOp = bitwise({
  name: "bitXor",
  sign: "⊕",
  summary: "The bits set in exactly one of two integers.",
  fn: "xor",
  commutative: true,
  apply: (x, y) => x ^ y,
  sample: [6, 0x80000001],
});
export const shiftLeftOp = bitwise({
  name: "shiftLeft",
  sign: "<<",
  summary: "The bits moved up; zeros come in.",
  fn: "shl",
  kinks: COUNT,
  apply: (x, y) => x << y,
  sample: [12288, 0],
});
export const shiftRightOp = bitwise({
  name: "shiftRight",
  sign: ">>",
  summary: "The bits moved down; copies of the sign come in for i32, zeros for u32.",
  fn: "shr",
  kinks: COUNT,
  apply: (x, y, dtype) => (dtype === "u32" ? x >>> y : x >> y),
  sample: [0, 0x40000000],
});

export const bitNotOp = elementwise({
  name: "bitNot",
  doc: {
    summary: "All bits inverted.",
    equation: "y = ~x",
    operands: ["x"],
    attributes: [],
    kinks: "none; not differentiable",
  },
  dtypes: INTEGERS,
  scalar: ([x]) => s.unary("not", x),
  reference: ([x]) => ~x,
  partials: null,
  cost: 1,
  samples: [
    {
      inputs: [{ dtype: "i32", shape: [2], data: [0, 5] }],
      outputs: [{ dtype: "i32", shape: [2], data: [-1, -6] }],
      source: "two's complement",
    },
  ],
});

/** The bits set in both integers. */
export function bitAnd<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(bitAndOp, [x, y]) as Join<A, B>;
}
/** The bits set in at least one of two integers. */
export function bitOr<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(bitOrOp, [x, y]) as Join<A, B>;
}
/** The bits set in exactly one of two integers. */
export function bitXor<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(bitXorOp, [x, y]) as Join<A, B>;
}
/** x·2ʸ in 32 bits; y modulo 32. */
export function shiftLeft<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(shiftLeftOp, [x, y]) as Join<A, B>;
}
/** ⌊x / 2ʸ⌋: arithmetic for i32, logical for u32; y modulo 32. */
export function shiftRight<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(shiftRightOp, [x, y]) as Join<A, B>;
}
/** All bits inverted. */
export function bitNot<X extends Operand<IntDType>>(x: X): Like<X> {
  return applyBroadcast(bitNotOp, [x]) as Like<X>;
}
