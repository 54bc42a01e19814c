import { argumentError, checkOptions, checkTensors, checkWholeNumbers } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted } from "../kinds/batch.ts";
import { view } from "../kinds/view.ts";
import { and, dimExpr, eq, ge, iadd, idiv, int, irem, isub, isValue, lt } from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { addDims, type Dim, dimMin, mulDims, resolveDim, SymbolicDim, subDims } from "../shared/dim.ts";
import { type DType, isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, formatType } from "../shared/shape.ts";
import { apply, callError } from "./coerce.ts";
import { rawSlice } from "./slice.ts";

interface PadAttrs {
  readonly low: readonly Dim[];
  readonly high: readonly Dim[];
  readonly interior: readonly number[];
  readonly value: number;
}

const padAttrs = (attrs: Attrs): PadAttrs => attrs as unknown as PadAttrs;

/** n elements with `interior` between neighbours. */
const spread = (n: Dim, interior: number): Dim => (n === 0 ? 0 : addDims(mulDims(subDims(n, 1), interior + 1), 1));

export const padOp = view({
  name: "pad",
  operands: ["x"],
  arity: 1,
  shape: ([x], attrs) => {
    const { low, high, interior, value } = padAttrs(attrs);
    const fits =
      [low, high, interior].every(list => list.length === x.shape.length) &&
      [...low, ...high].every(d => dimMin(d) >= 0) &&
      interior.every(n => Number.isInteger(n) && n >= 0);
    if (!fits) {
      throw new GradcError("attribute", "pad: the widths do not fit the operand", {
        expected: `widths of at least 0 for each axis of ${formatType(x)}`,
        received: `low ${formatShape(low)}, high ${formatShape(high)}, interior ${formatShape(interior)}`,
      });
    }
    if (!isFloat(x.dtype) && !Number.isInteger(value)) {
      throw new GradcError("dtype", `pad: the value is no ${x.dtype}`, { received: String(value) });
    }
    return x.shape.map((n, k) => addDims(addDims(low[k], spread(n, interior[k])), high[k]));
  },
  pieces: (index, { shapes: [shape], attrs }) => {
    const { low, high, interior } = padAttrs(attrs);
    const conditions: Expr[] = [];
    const source = index.map((i, k) => {
      const step = int(interior[k] + 1);
      const offset = isub(i, dimExpr(low[k]));
      if (low[k] !== 0) conditions.push(ge(i, dimExpr(low[k])));
      if (high[k] !== 0) conditions.push(lt(i, iadd(dimExpr(spread(shape[k], interior[k])), dimExpr(low[k]))));
      const remainder = irem(offset, step);
      if (!isValue(remainder, 0)) conditions.push(eq(remainder, int(0)));
      return idiv(offset, step);
    });
    return [{ operand: 0, index: source, when: conditions.length > 0 ? conditions.reduce(and) : undefined }];
  },
  reference: (index, { shapes: [shape], attrs, env }) => {
    const { low, interior } = padAttrs(attrs);
    const source = index.map((i, k) => (i - resolveDim(low[k], env)) / (interior[k] + 1));
    return source.every((i, k) => Number.isInteger(i) && i >= 0 && i < shape[k]) ? [0, source] : undefined;
  },
  fill: attrs => padAttrs(attrs).value,
  linear: attrs => ({ ...attrs, value: 0 }),
  transpose: (cotangent, node) => {
    const { low, interior } = padAttrs(node.attrs);
    const sizes = node.operands[0].shape;
    return [rawSlice(cotangent, { starts: low, sizes, steps: interior.map(n => n + 1) })];
  },
  build: ([x], attrs) => apply(padOp, [x], attrs),
  equations: ["slice(ȳ)"],
  batch: lifted(attrs => {
    const { low, high, interior, value } = padAttrs(attrs);
    return { low: [0, ...low], high: [0, ...high], interior: [0, ...interior], value };
  }),
});

const isWidth = (d: unknown): boolean => Number.isInteger(d) || d instanceof SymbolicDim;

/** The pad op as it is: x itself where there is nothing to add. */
export function rawPad<D extends DType>(x: Tensor<D>, attrs: PadAttrs): Tensor<D> {
  const nothing = [...attrs.low, ...attrs.high, ...attrs.interior].every(n => n === 0);
  return nothing ? x : (apply(padOp, [x], { ...attrs }) as Tensor<D>);
}

/** How much to put before and after, per axis. */
export type PadWidths = number | readonly (number | readonly [before: Dim, after: Dim])[];

/**
 * Puts a value around a tensor.
 * @param widths one number for all sides; or per axis a number for both sides or a pair [before, after]
 * @param options.value what is put there, default 0
 * @param options.interior elements put between neighbours, per axis, default 0
 * @throws GradcError `attribute`
 */
export function pad<D extends DType>(
  x: Tensor<D>,
  widths: PadWidths,
  options: { readonly value?: number; readonly interior?: readonly number[] } = {},
): Tensor<D> {
  checkTensors("pad", { x });
  checkOptions("pad", options, ["value", "interior"]);
  const { value = 0, interior = [] } = options;
  if (typeof value !== "number") throw argumentError("pad", "its value is not a number", "value: a number", value);
  checkWholeNumbers("pad", "the interior widths", interior);
  const perAxis = typeof widths === "number" ? x.shape.map(() => widths) : widths;
  if (!Array.isArray(perAxis))
    throw argumentError("pad", "these are no widths", "a width, or one or two for each axis", widths);
  if (perAxis.length !== x.rank) {
    throw callError("attribute", "pad: not one width per axis", {
      expected: `${x.rank} widths for ${formatType(x)}`,
      received: String(perAxis.length),
    });
  }
  const pairs = perAxis.map(w => (typeof w === "number" ? ([w, w] as const) : w));
  if (!pairs.every(pair => Array.isArray(pair) && pair.length === 2 && pair.every(isWidth))) {
    throw argumentError("pad", "these are no widths", "a width, or one or two for each axis", widths);
  }
  return rawPad(x, {
    low: pairs.map(([before]) => before),
    high: pairs.map(([, after]) => after),
    interior: x.shape.map((_, axis) => interior[axis] ?? 0),
    value,
  });
}

export type { PadAttrs };
