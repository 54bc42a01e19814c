import { argumentError, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted } from "../kinds/batch.ts";
import { view } from "../kinds/view.ts";
import { dimExpr, iadd, imul, int } from "../loop/build.ts";
import { addDims, type Dim, dimMin, mulDims, resolveDim, SymbolicDim, subDims } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, formatType } from "../shared/shape.ts";
import { apply, callError } from "./coerce.ts";
import { rawPad } from "./pad.ts";

interface SliceAttrs {
  readonly starts: readonly Dim[];
  readonly sizes: readonly Dim[];
  readonly steps: readonly number[];
}

const sliceAttrs = (attrs: Attrs): SliceAttrs => attrs as unknown as SliceAttrs;

/** What lies behind the last element that the slice takes: n − start − (size − 1)·step − 1. */
function behind(n: Dim, start: Dim, size: Dim, step: number): Dim {
  if (size === 0) return subDims(n, start);
  return subDims(n, addDims(addDims(start, mulDims(subDims(size, 1), step)), 1));
}

export const sliceOp = view({
  name: "slice",
  operands: ["x"],
  arity: 1,
  shape: ([x], attrs) => {
    const { starts, sizes, steps } = sliceAttrs(attrs);
    const rank = x.shape.length;
    const fits =
      [starts, sizes, steps].every(list => list.length === rank) &&
      x.shape.every(
        (n, k) =>
          Number.isInteger(steps[k]) &&
          steps[k] >= 1 &&
          dimMin(starts[k]) >= 0 &&
          dimMin(sizes[k]) >= 0 &&
          dimMin(behind(n, starts[k], sizes[k], steps[k])) >= 0,
      );
    if (!fits) {
      throw new GradcError("attribute", "slice: the box does not lie inside the operand", {
        expected: `a box inside ${formatType(x)}, steps of at least 1`,
        received: `starts ${formatShape(starts)}, sizes ${formatShape(sizes)}, steps ${formatShape(steps)}`,
      });
    }
    return sizes;
  },
  pieces: (index, { attrs }) => {
    const { starts, steps } = sliceAttrs(attrs);
    return [{ operand: 0, index: index.map((i, k) => iadd(imul(i, int(steps[k])), dimExpr(starts[k]))) }];
  },
  reference: (index, { attrs, env }) => {
    const { starts, steps } = sliceAttrs(attrs);
    return [0, index.map((i, k) => resolveDim(starts[k], env) + i * steps[k])];
  },
  transpose: (cotangent, node) => {
    const { starts, sizes, steps } = sliceAttrs(node.attrs);
    const { shape } = node.operands[0];
    return [
      rawPad(cotangent, {
        low: starts,
        high: shape.map((n, k) => behind(n, starts[k], sizes[k], steps[k])),
        interior: steps.map((step, k) => (sizes[k] === 0 ? 0 : step - 1)),
        value: 0,
      }),
    ];
  },
  build: ([x], attrs) => apply(sliceOp, [x], attrs),
  equations: ["pad(ȳ) with zeros where the slice took nothing"],
  batch: lifted((attrs, size) => {
    const { starts, sizes, steps } = sliceAttrs(attrs);
    return { starts: [0, ...starts], sizes: [size, ...sizes], steps: [1, ...steps] };
  }),
});

/** The slice op as it is: x itself where the slice takes everything. */
export function rawSlice<D extends DType>(x: Tensor<D>, attrs: SliceAttrs): Tensor<D> {
  const whole = x.shape.every(
    (n, k) => attrs.starts[k] === 0 && attrs.steps[k] === 1 && subDims(n, attrs.sizes[k]) === 0,
  );
  return whole ? x : (apply(sliceOp, [x], { ...attrs }) as Tensor<D>);
}

const isBound = (d: unknown): boolean =>
  d === null || d === undefined || Number.isInteger(d) || d instanceof SymbolicDim;

/** A start or end as users write it: negative counts from the end, numbers are clamped to 0 … n as in NumPy. */
function bound(value: Dim | null | undefined, n: Dim, fallback: Dim): Dim {
  if (value === null || value === undefined) return fallback;
  const at = typeof value === "number" && value < 0 ? addDims(n, value) : value;
  if (typeof at !== "number") return at;
  return Math.max(0, typeof n === "number" ? Math.min(at, n) : at);
}

/**
 * A box of a tensor, as NumPy's x[start:end:step, …]: negative starts and ends count from the end, absent (or null)
 * ones mean everything, axes that are not named are taken whole.
 * @param starts one per leading axis, inclusive
 * @param ends exclusive; clamped to the size
 * @param steps positive integers, default 1; flip reverses
 * @throws GradcError `attribute` for a step below 1 or too many entries, `dimension` where a symbolic size has no
 * polynomial result
 */
export function slice<D extends DType>(
  x: Tensor<D>,
  starts: readonly (Dim | null | undefined)[],
  ends: readonly (Dim | null | undefined)[] = [],
  steps: readonly (number | null | undefined)[] = [],
): Tensor<D> {
  checkTensors("slice", { x });
  for (const [what, list] of Object.entries({ starts, ends, steps })) {
    if (Array.isArray(list) && list.every(isBound)) continue;
    throw argumentError("slice", `${what} are no places`, "an array of whole numbers, sizes and null", list);
  }
  if (Math.max(starts.length, ends.length, steps.length) > x.rank) {
    throw callError("attribute", "slice: more entries than axes", {
      expected: `at most ${x.rank}`,
      received: `${starts.length} starts, ${ends.length} ends, ${steps.length} steps`,
    });
  }
  const box: { starts: Dim[]; sizes: Dim[]; steps: number[] } = { starts: [], sizes: [], steps: [] };
  x.shape.forEach((n: Dim, k) => {
    const step = steps[k] ?? 1;
    if (!Number.isInteger(step) || step < 1) {
      throw callError("attribute", `slice: the step of axis ${k} is not a positive integer`, {
        expected: "an integer from 1 on; flip reverses",
        received: String(step),
      });
    }
    const start = bound(starts[k], n, 0);
    const extent = subDims(bound(ends[k], n, n), start);
    if (typeof extent !== "number" && step !== 1) {
      throw callError("dimension", `slice: a step over axis ${k} of symbolic size`, {
        expected: "step 1, or a fixed number of elements",
        received: `step ${step} over ${extent}`,
      });
    }
    box.starts.push(start);
    box.sizes.push(typeof extent === "number" ? Math.max(0, Math.ceil(extent / step)) : extent);
    box.steps.push(step);
  });
  return rawSlice(x, box);
}

export type { SliceAttrs };
