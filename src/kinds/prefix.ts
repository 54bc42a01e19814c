import type { Attrs } from "../graph/attrs.ts";
import type { DerivativeRule, NdArray } from "../graph/op.ts";
import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import { allocate, type DType } from "../shared/dtype.ts";
import type { TensorType } from "../shared/shape.ts";
import { lifted, shiftAxes } from "./batch.ts";
import type { LowerableOp } from "./form.ts";
import { checkAxis, checkDType } from "./linear-helpers.ts";
import { forEachRow, rowLoops } from "./rows.ts";

/** Where the fold runs. */
export interface PrefixAttrs extends Attrs {
  readonly axis: number;
  /** From the last element to the first. */
  readonly reverse: boolean;
  /** Leave out the element itself: the first result is the neutral element. */
  readonly exclusive: boolean;
}

/** A fold along one axis that keeps every intermediate state. */
export interface PrefixDeclaration {
  readonly name: string;
  readonly dtypes: readonly DType[];
  neutral(dtype: DType): number;
  /** The fold in loop IR. */
  combine(state: Expr, x: Expr): Expr;
  /** The fold in plain numbers, independent of `combine`. */
  reference(state: number, x: number, dtype: DType): number;
  readonly derivative: DerivativeRule | null;
  /** Operations per element; default 1. */
  readonly cost?: number;
}

export const prefixAttrs = (attrs: Attrs): PrefixAttrs => attrs as PrefixAttrs;

function inferType(d: PrefixDeclaration, x: TensorType, attrs: Attrs): TensorType {
  checkDType(d.name, x, d.dtypes);
  checkAxis(d.name, x, attrs.axis);
  return x;
}

function evaluate(d: PrefixDeclaration, x: NdArray, { axis, reverse, exclusive }: PrefixAttrs): NdArray {
  const data = allocate(x.dtype, x.data.length);
  forEachRow(x.shape, axis, (place, length) => {
    let state = d.neutral(x.dtype);
    for (let step = 0; step < length; step++) {
      const at = place(reverse ? length - 1 - step : step);
      const next = d.reference(state, x.data[at], x.dtype);
      data[at] = exclusive ? state : next;
      state = next;
    }
  });
  return { dtype: x.dtype, shape: x.shape, data };
}

/** out[j] = state after element j (before it where exclusive); floats are folded in f64 and rounded when stored. */
function build(d: PrefixDeclaration, x: TensorType, attrs: PrefixAttrs, fresh: (hint: string) => string): Stmt[] {
  const [step, state, at] = ["step", "state", "at"].map(fresh);
  const wide: DType = x.dtype === "f32" ? "f64" : x.dtype;
  const held = s.variable(state, wide);
  const advance = s.assign(state, d.combine(held, s.cast(wide, s.load("in$0", x.dtype, s.variable(at)))));
  const keep = s.store("out$0", s.variable(at), s.cast(x.dtype, held));
  const fold = attrs.exclusive ? [keep, advance] : [advance, keep];
  return rowLoops(x.shape, attrs.axis, fresh, (place, length) => [
    s.varStmt(state, s.literal(wide, d.neutral(x.dtype))),
    s.forStmt(step, s.int(0), length, [s.letStmt(at, place(stepIn(attrs.reverse, s.variable(step), length))), ...fold]),
  ]);
}

/** The element of a step, from either end. */
export const stepIn = (reverse: boolean, step: Expr, length: Expr): Expr =>
  reverse ? s.isub(s.isub(length, s.int(1)), step) : step;

/** Declares a prefix operation. */
export function prefix(d: PrefixDeclaration): LowerableOp {
  return {
    name: d.name,
    kind: "prefix",
    operands: ["x"],
    dtypes: d.dtypes,
    nominal: false,
    commutative: false,
    derivative: d.derivative,
    batch: lifted(shiftAxes),
    inferTypes: ([x], attrs) => [inferType(d, x, attrs)],
    evaluate: ([x], attrs) => [evaluate(d, x, prefixAttrs(attrs))],
    form: node => ({
      form: "procedure",
      cost: d.cost ?? 1,
      build: fresh => build(d, node.operands[0], prefixAttrs(node.attrs), fresh),
    }),
  };
}
