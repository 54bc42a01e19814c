import type { Attrs } from "../../graph/attrs.ts";
import type { Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { apply } from "../../ops/coerce.ts";
import {
  concat,
  concatOp,
  expand,
  expandOp,
  flip,
  flipOp,
  MOST_JOINED,
  padOp,
  rawSlice,
  reshape,
  reshapeOp,
  sliceOp,
  transpose,
  transposeOp,
} from "../../ops/view.ts";
import { addDims, type Dim, dimEquals, mulDims } from "../../shared/dim.ts";
import { GradcError } from "../../shared/errors.ts";
import { type Shape, shapeEquals } from "../../shared/shape.ts";
import { sample } from "../example.ts";
import { as, p } from "../pattern.ts";
import type { Family, Rule, Value } from "../rule.ts";

interface Box {
  readonly starts: readonly Dim[];
  readonly sizes: readonly Dim[];
  readonly steps: readonly number[];
}

const boxOf = (value: Value): Box => value.node.attrs as unknown as Box;
const permOf = (value: Value): readonly number[] => value.node.attrs.perm as readonly number[];
const axesOf = (value: Value): readonly number[] => value.node.attrs.axes as readonly number[];
const isZero = (d: Dim): boolean => d === 0;

/** Slices, if symbolic sizes let the type rule prove that the box lies inside. */
function sliceIfProvable(x: Tensor, box: Box): Tensor | undefined {
  try {
    return rawSlice(x, box);
  } catch (error) {
    if (error instanceof GradcError) return undefined;
    throw error;
  }
}

/** Whether moving only axes of size 1, so that the elements keep their order. */
function keepsOrder({ node }: Value): boolean {
  const { shape } = node.operands[0];
  const moved = (node.attrs.perm as readonly number[]).filter(axis => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > moved[i - 1]);
}

/** The axes of `shape` that the axes of `inner` become when size-1 axes are put in or taken out, by position. */
function unitReshape(inner: Shape, shape: Shape): number[] | undefined {
  const axes = shape.flatMap((d, axis) => (d === 1 ? [] : [axis]));
  const own = inner.flatMap((d, axis) => (d === 1 ? [] : [axis]));
  const fits = axes.length === own.length && axes.every((axis, i) => dimEquals(shape[axis], inner[own[i]]));
  return fits ? axes : undefined;
}

/** What a concat joins, seen through the concats along the same axis among its operands. */
const joinedParts = ({ operands, attrs }: Node): readonly Tensor[] =>
  operands.flatMap(o => (o.node.op === concatOp && o.node.attrs.axis === attrs.axis ? o.node.operands : [o]));

/** Slices the one operand of a concat that a box lies in. */
function sliceOfConcat(root: Value, joined: Value): Tensor | undefined {
  const axis = joined.node.attrs.axis as number;
  const { starts, sizes, steps } = boxOf(root);
  const [start, size] = [starts[axis], sizes[axis]];
  if (typeof start !== "number" || typeof size !== "number" || size === 0) return undefined;
  const last = start + (size - 1) * steps[axis];
  let from = 0;
  for (const part of joined.node.operands) {
    const extent = part.shape[axis];
    if (typeof extent !== "number") return undefined;
    if (start >= from && last < from + extent) {
      const own = starts.map((s, k) => (k === axis ? start - from : s));
      return sliceIfProvable(part, { starts: own, sizes, steps });
    }
    from += extent;
  }
  return undefined;
}

const exact = (
  name: string,
  equation: string,
  pattern: Rule["pattern"],
  build: (bindings: Parameters<Rule["build"]>[0]) => Tensor | undefined,
  ...examples: (() => Tensor)[]
): Rule => ({ name, equation, contract: "exact", pattern, build: b => build(b) as Value | undefined, examples });

const m = (): Value => sample("m", "f32", [2, 3]);
const t = (): Value => sample("t", "f32", [2, 1, 3]);
const raw = (x: Tensor, op: typeof flipOp, attrs: Attrs) => () => apply(op, [x], attrs);

/*
 *   reshape(x, own shape) = x            reshape(reshape(x)) = reshape(x)
 *   transpose(x, identity) = x           transpose(transpose(x, p), q) = transpose(x, p∘q)
 *   transpose(x, only axes of size 1 moved) = reshape(x)
 *   expand(x, own shape) = x             expand(expand(x)) = expand(x)
 *   expand(reshape(x, only size-1 axes added)) = reshape(expand(x))
 *   transpose(expand(x, increasing axes)) = expand(x) where x's axes keep their order
 *   slice(x, all) = x                    slice(slice(x)) = slice(x)
 *   pad(x, nothing) = x                  concat(x) = x       concat(concat(x, y), z) = concat(x, y, z)
 *   flip(x, no axes) = x                 flip(flip(x, a), b) = flip(x, a ⊕ b)
 *   slice(concat(x, y)) = slice(x)       where the box lies in x
 *   slice(pad(x), the inside) = x        slice(expand(x)) = expand(slice(x))
 */
const rules: readonly Rule[] = [
  exact(
    "reshape-to-own",
    "reshape(x, own shape) = x",
    { op: reshapeOp, operands: ["x"], test: n => shapeEquals(n.operands[0].shape, n.outputs[0].shape) },
    ({ x }) => x,
    raw(m(), reshapeOp, { shape: [2, 3] }),
  ),
  exact(
    "reshape-of-reshape",
    "reshape(reshape(x)) = reshape(x)",
    p(reshapeOp, p(reshapeOp, "x")),
    ({ root, x }) => reshape(x, root.shape),
    () => reshape(reshape(m(), [6]), [3, 2]),
  ),
  exact(
    "transpose-identity",
    "transpose(x, identity) = x",
    { op: transposeOp, operands: ["x"], test: n => (n.attrs.perm as number[]).every((axis, k) => axis === k) },
    ({ x }) => x,
    raw(m(), transposeOp, { perm: [0, 1] }),
  ),
  exact(
    "transpose-of-transpose",
    "transpose(transpose(x, p), q) = transpose(x, p∘q)",
    p(transposeOp, as("inner", p(transposeOp, "x"))),
    ({ root, inner, x }) =>
      transpose(
        x,
        permOf(root).map(axis => permOf(inner)[axis]),
      ),
    () => transpose(transpose(m())),
    () => transpose(transpose(t(), [1, 2, 0]), [1, 0, 2]),
  ),
  exact(
    "transpose-of-unit-axes",
    "transpose(x, only axes of size 1 moved) = reshape(x)",
    p(transposeOp, "x"),
    ({ root, x }) => (keepsOrder(root) ? reshape(x, root.shape) : undefined),
    () => transpose(t(), [1, 0, 2]),
  ),
  exact(
    "expand-to-own",
    "expand(x, own shape) = x",
    { op: expandOp, operands: ["x"], test: n => n.operands[0].rank === n.outputs[0].rank },
    ({ x }) => x,
    raw(m(), expandOp, { shape: [2, 3], axes: [0, 1] }),
  ),
  exact(
    "expand-of-expand",
    "expand(expand(x)) = expand(x)",
    p(expandOp, as("inner", p(expandOp, "x"))),
    ({ root, inner, x }) =>
      expand(
        x,
        root.shape,
        axesOf(inner).map(axis => axesOf(root)[axis]),
      ),
    () => expand(expand(sample("x"), [2, 3], [1]), [2, 4, 3], [0, 2]),
  ),
  exact(
    "expand-of-unit-reshape",
    "expand(reshape(x, size-1 axes added)) = expand(x) where those axes are new",
    p(expandOp, as("inner", p(reshapeOp, "x"))),
    ({ root, inner, x }) => {
      if (x.shape.some(d => d === 1)) return undefined;
      const places = unitReshape(x.shape, inner.shape);
      return places?.length === x.rank
        ? expand(
            x,
            root.shape,
            places.map(axis => axesOf(root)[axis]),
          )
        : undefined;
    },
    () => expand(reshape(sample("x"), [3, 1]), [3, 1, 4], [0, 1]),
  ),
  exact(
    "transpose-of-expand",
    "transpose(expand(x)) = expand(x), x's axes in order",
    p(transposeOp, as("inner", p(expandOp, "x"))),
    ({ root, inner, x }) => {
      const axes = axesOf(inner).map(axis => permOf(root).indexOf(axis));
      return axes.every((axis, i) => i === 0 || axis > axes[i - 1]) ? expand(x, root.shape, axes) : undefined;
    },
    () => transpose(expand(sample("x"), [2, 3], [1])),
  ),
  exact(
    "slice-all",
    "slice(x, all) = x",
    {
      op: sliceOp,
      operands: ["x"],
      test: n =>
        shapeEquals(n.operands[0].shape, n.outputs[0].shape) && (n.attrs.starts as readonly Dim[]).every(isZero),
    },
    ({ x }) => x,
    raw(m(), sliceOp, { starts: [0, 0], sizes: [2, 3], steps: [1, 1] }),
  ),
  exact(
    "slice-of-slice",
    "slice(slice(x)) = slice(x)",
    p(sliceOp, as("inner", p(sliceOp, "x"))),
    ({ root, inner, x }) => {
      const [a, b] = [boxOf(inner), boxOf(root)];
      return sliceIfProvable(x, {
        starts: a.starts.map((s, k) => addDims(s, mulDims(b.starts[k], a.steps[k]))),
        sizes: b.sizes,
        steps: a.steps.map((step, k) => step * b.steps[k]),
      });
    },
    () =>
      rawSlice(rawSlice(sample("v", "f32", [20]), { starts: [1], sizes: [9], steps: [2] }), {
        starts: [2],
        sizes: [3],
        steps: [3],
      }),
  ),
  exact(
    "slice-of-concat",
    "slice(concat(x, y)) = slice(x)",
    p(sliceOp, as("joined", { op: concatOp })),
    ({ root, joined }) => sliceOfConcat(root, joined),
    () => rawSlice(concat([m(), sample("n", "f32", [4, 3])]), { starts: [3, 0], sizes: [2, 3], steps: [1, 1] }),
  ),
  exact(
    "slice-of-pad",
    "slice(pad(x), the inside) = x",
    p(sliceOp, as("padded", p(padOp, "x"))),
    ({ root, padded, x }) => {
      const { low, interior } = padded.node.attrs as { low: readonly Dim[]; interior: readonly number[] };
      const { starts, sizes, steps } = boxOf(root);
      const inside = x.shape.every(
        (d, k) => dimEquals(starts[k], low[k]) && dimEquals(sizes[k], d) && steps[k] === interior[k] + 1,
      );
      return inside ? x : undefined;
    },
    () =>
      rawSlice(apply(padOp, [sample("x")], { low: [1], high: [2], interior: [1], value: 0 }), {
        starts: [1],
        sizes: [3],
        steps: [2],
      }),
  ),
  exact(
    "slice-of-expand",
    "slice(expand(x)) = expand(slice(x))",
    p(sliceOp, as("inner", p(expandOp, "x"))),
    ({ root, inner, x }) => {
      const { starts, sizes, steps } = boxOf(root);
      const pick = <T>(list: readonly T[]): T[] => axesOf(inner).map(axis => list[axis]);
      const part = sliceIfProvable(x, { starts: pick(starts), sizes: pick(sizes), steps: pick(steps) });
      return part && expand(part, root.shape, axesOf(inner));
    },
    () => rawSlice(expand(sample("x"), [3, 8], [0]), { starts: [1, 2], sizes: [2, 3], steps: [1, 2] }),
  ),
  exact(
    "pad-nothing",
    "pad(x, nothing) = x",
    { op: padOp, operands: ["x"], test: n => shapeEquals(n.operands[0].shape, n.outputs[0].shape) },
    ({ x }) => x,
    raw(m(), padOp, { low: [0, 0], high: [0, 0], interior: [0, 0], value: 0 }),
  ),
  exact("concat-of-one", "concat(x) = x", p(concatOp, "x"), ({ x }) => x, raw(m(), concatOp, { axis: 0 })),
  exact(
    "concat-of-concat",
    "concat(concat(x, y), z) = concat(x, y, z)",
    { op: concatOp, test: n => joinedParts(n).length > n.operands.length && joinedParts(n).length <= MOST_JOINED },
    ({ root: { node } }) => apply(concatOp, joinedParts(node), { axis: node.attrs.axis }),
    () => concat([concat([m(), sample("n", "f32", [1, 3])]), m()]),
  ),
  exact(
    "flip-nothing",
    "flip(x, no axes) = x",
    { op: flipOp, operands: ["x"], test: n => (n.attrs.axes as number[]).every(k => n.operands[0].shape[k] === 1) },
    ({ x }) => x,
    raw(t(), flipOp, { axes: [1] }),
  ),
  exact(
    "flip-of-flip",
    "flip(flip(x, a), b) = flip(x, a ⊕ b)",
    p(flipOp, as("inner", p(flipOp, "x"))),
    ({ root, inner, x }) => {
      const axes = x.shape.flatMap((_, k) => (axesOf(root).includes(k) !== axesOf(inner).includes(k) ? [k] : []));
      return axes.length === 0 ? x : flip(x, axes);
    },
    () => flip(flip(m(), [0]), [0, 1]),
    () => flip(flip(m())),
  ),
];

export const VIEWS: Family = { name: "views", phases: ["canonicalise", "simplify"], rules };
