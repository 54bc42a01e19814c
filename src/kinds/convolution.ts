import type { Attrs } from "../graph/attrs.ts";
import type { Node } from "../graph/node.ts";
import type { BatchContext, DerivativeRule, NdArray } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Dim } from "../shared/dim.ts";
import { allocate } from "../shared/dtype.ts";
import { GradcError, present } from "../shared/errors.ts";
import { formatType, type TensorType } from "../shared/shape.ts";
import { mergeAxis, moveAxis, splitAxis } from "./batch.ts";
import type { AxisMap, ContractionForm, LowerableOp } from "./form.ts";
import { checkDType, make } from "./linear-helpers.ts";
import { flatten, forEachIndex } from "./view.ts";

/**
 * A window that slides over the spatial axes of x. Position o of the window covers the elements
 * i = o·stride + k·dilation − low; outside 0 … size − 1 there are zeros. `low` and `high` may be negative (cropping).
 */
export interface WindowAttrs {
  readonly strides: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly dilation: readonly number[];
}

export const windowAttrs = (attrs: Attrs): WindowAttrs => attrs as unknown as WindowAttrs;

/** How many positions a window has along one axis: ⌊(size + low + high − dilation·(kernel − 1) − 1) / stride⌋ + 1. */
export const positions = (
  size: number,
  kernel: number,
  { strides, low, high, dilation }: WindowAttrs,
  axis: number,
): number => Math.floor((size + low[axis] + high[axis] - dilation[axis] * (kernel - 1) - 1) / strides[axis]) + 1;

/** Fails unless the window's attributes are whole numbers, one for each of `rank` spatial axes. */
export function checkWindow(name: string, attrs: Attrs, rank: number): void {
  const { strides, low, high, dilation } = windowAttrs(attrs);
  const lists: readonly (readonly [string, readonly number[], number])[] = [
    ["strides", strides, 1],
    ["dilation", dilation, 1],
    ["low", low, Number.NEGATIVE_INFINITY],
    ["high", high, Number.NEGATIVE_INFINITY],
  ];
  for (const [what, list, least] of lists) {
    if (list?.length === rank && list.every(n => Number.isInteger(n) && n >= least)) continue;
    throw new GradcError("attribute", `${name}: ${what} do not fit ${rank} spatial axes`, {
      expected: `${rank} whole numbers${least === 1 ? " of at least 1" : ""}`,
      received: `[${list?.join(", ")}]`,
    });
  }
}

/** The spatial sizes, which must be numbers: windows do not slide over sizes known at the call. */
export function spatialSizes(name: string, type: TensorType, axes: readonly Dim[]): number[] {
  return axes.map(size => {
    if (typeof size === "number") return size;
    throw new GradcError("dimension", `${name}: a spatial size is known at the call only`, {
      expected: "numbers on the spatial axes (the batch may be a symbol)",
      received: formatType(type),
    });
  });
}

/** The three roles a tensor has in a convolution; two of them are the operands, the third is the result. */
export type ConvolutionRole = "y" | "w";

export interface ConvolutionDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  /** What is computed: the sums y, or the cotangent of the kernel w. */
  readonly result: ConvolutionRole;
  readonly derivative: DerivativeRule;
}

/** x [n, spatial…, g, c], w [g, window…, c, f], y [n, positions…, g, f]. */
interface Sizes {
  readonly n: Dim;
  readonly g: Dim;
  readonly c: Dim;
  readonly f: Dim;
  readonly spatial: readonly number[];
  readonly window: readonly number[];
  readonly out: readonly number[];
}

/**
 * Sizes from x and the other operand.
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
function sizesOf(d: ConvolutionDeclaration, [x, other]: readonly TensorType[], attrs: Attrs): Sizes {
  const rank = x.shape.length - 3;
  if (rank < 1 || other.shape.length !== x.shape.length) {
    throw new GradcError("shape", `${d.name}: the operands have not the axes of a convolution`, {
      expected:
        d.result === "y"
          ? "x [n, spatial…, g, c] and w [g, window…, c, f]"
          : "x [n, spatial…, g, c] and y [n, …, g, f]",
      received: `${formatType(x)} and ${formatType(other)}`,
    });
  }
  checkWindow(d.name, attrs, rank);
  const spatial = spatialSizes(d.name, x, x.shape.slice(1, 1 + rank));
  const [n, g, c] = [x.shape[0], x.shape[rank + 1], x.shape[rank + 2]];
  const f = other.shape[rank + 2];
  if (d.result === "y") {
    const window = spatialSizes(d.name, other, other.shape.slice(1, 1 + rank));
    const fits = other.shape[0] === g && other.shape[rank + 1] === c;
    const out = window.map((k, axis) => positions(spatial[axis], k, windowAttrs(attrs), axis));
    if (!fits || out.some(o => o < 1)) {
      throw new GradcError("shape", `${d.name}: the kernel does not fit`, {
        expected: `w [${g}, window…, ${c}, f] with a window no larger than the padded operand`,
        received: `${formatType(x)} and ${formatType(other)}`,
      });
    }
    return { n, g, c, f, spatial, window, out };
  }
  const window = attrs.window as readonly number[];
  const out = spatialSizes(d.name, other, other.shape.slice(1, 1 + rank));
  const fits = window.every((k, axis) => positions(spatial[axis], k, windowAttrs(attrs), axis) === out[axis]);
  if (!fits || other.shape[rank + 1] !== g || String(other.shape[0]) !== String(n)) {
    throw new GradcError("shape", `${d.name}: the cotangent does not fit`, {
      received: `${formatType(x)} and ${formatType(other)}`,
    });
  }
  return { n, g, c, f, spatial, window, out };
}

const resultShape = (d: ConvolutionDeclaration, { n, g, c, f, window, out }: Sizes): Dim[] =>
  d.result === "y" ? [n, ...out, g, f] : [g, ...window, c, f];

/** Σ over what the result lacks, element by element. */
function evaluate(d: ConvolutionDeclaration, x: NdArray, other: NdArray, attrs: Attrs): NdArray {
  const types = [x, other].map(({ dtype, shape }) => ({ dtype, shape }));
  const sizes = sizesOf(d, types, attrs);
  const { strides, low, dilation } = windowAttrs(attrs);
  const shape = resultShape(d, sizes) as number[];
  const result: NdArray = {
    dtype: x.dtype,
    shape,
    data: allocate(
      x.dtype,
      shape.reduce((p, n) => p * n, 1),
    ),
  };
  const rank = sizes.spatial.length;
  const yShape = [sizes.n, ...sizes.out, sizes.g, sizes.f] as number[];
  forEachIndex([...yShape, ...sizes.window, sizes.c as number], index => {
    const y = index.slice(0, rank + 3);
    const k = index.slice(rank + 3, rank + 3 + rank);
    const c = index[index.length - 1];
    const i = k.map((at, axis) => y[1 + axis] * strides[axis] + at * dilation[axis] - low[axis]);
    if (i.some((at, axis) => at < 0 || at >= sizes.spatial[axis])) return;
    const xAt = flatten([y[0], ...i, y[rank + 1], c], x.shape);
    const wAt = [y[rank + 1], ...k, c, y[rank + 2]];
    if (d.result === "y") result.data[flatten(y, shape)] += x.data[xAt] * other.data[flatten(wAt, other.shape)];
    else result.data[flatten(wAt, shape)] += x.data[xAt] * other.data[flatten(y, other.shape)];
  });
  return result;
}

const plain = (letter: string): AxisMap => ({ terms: [{ letter, coefficient: 1 }], offset: 0, guarded: false });

function formOf(d: ConvolutionDeclaration, node: Node): ContractionForm {
  const sizes = sizesOf(d, node.operands, node.attrs);
  const { strides, low, dilation } = windowAttrs(node.attrs);
  const axes = sizes.spatial.map((size, axis): AxisMap => {
    const last = (sizes.out[axis] - 1) * strides[axis] + (sizes.window[axis] - 1) * dilation[axis] - low[axis];
    return {
      terms: [
        { letter: `o${axis}`, coefficient: strides[axis] },
        { letter: `k${axis}`, coefficient: dilation[axis] },
      ],
      offset: -low[axis],
      guarded: low[axis] > 0 || last >= size,
    };
  });
  const out = sizes.out.map((_, axis) => `o${axis}`);
  const window = sizes.window.map((_, axis) => `k${axis}`);
  const y = ["n", ...out, "g", "f"];
  const w = ["g", ...window, "c", "f"];
  return {
    form: "contraction",
    extents: {
      ...{ n: sizes.n, g: sizes.g, c: sizes.c, f: sizes.f },
      ...Object.fromEntries(out.map((letter, axis) => [letter, sizes.out[axis]])),
      ...Object.fromEntries(window.map((letter, axis) => [letter, sizes.window[axis]])),
    },
    left: [plain("n"), ...axes, plain("g"), plain("c")],
    right: (d.result === "y" ? w : y).map(plain),
    out: d.result === "y" ? y : w,
  };
}

/**
 * A batch of convolutions is one convolution: what only x has becomes a part of n (or, for the kernel's cotangent, of c),
 * what only the other operand has a part of f, and what both have a part of the groups.
 */
function batch(d: ConvolutionDeclaration, { node, operands, batched, size }: BatchContext): Tensor[] {
  const last = node.outputs[0].rank - 1;
  const group = (role: "x" | ConvolutionRole): number => (role === "w" ? 0 : last - 1);
  const other: ConvolutionRole = d.result === "y" ? "w" : "y";
  const into = (x: Tensor, axis: number): Tensor => mergeAxis(moveAxis(x, 0, axis), axis);
  const back = (x: Tensor, axis: number): Tensor =>
    moveAxis(splitAxis(x, axis, size, node.outputs[0].shape[axis]), axis, 0);
  // Where the batch goes in x, in the other operand and in the result.
  const alone = d.result === "y" ? 0 : last - 1;
  const places = batched[0]
    ? batched[1]
      ? [group("x"), group(other), group(d.result)]
      : [d.result === "y" ? 0 : last, -1, alone]
    : [-1, last, last];
  const [x, y] = operands.map((o, k) => (batched[k] ? into(o, places[k]) : o));
  return [back(make(node.op, [x, y], node.attrs), places[2])];
}

/** Declares a sum of products over sliding windows: a contraction whose operand x is read through windows. */
export function convolution(d: ConvolutionDeclaration): LowerableOp {
  return {
    name: d.name,
    kind: "contraction",
    operands: d.operands,
    dtypes: ["f32", "f64"],
    nominal: false,
    commutative: false,
    derivative: d.derivative,
    batch: context => batch(d, context),
    inferTypes: (operands, attrs) => {
      const [x, other] = operands;
      checkDType(d.name, x, ["f32", "f64"]);
      if (other.dtype !== x.dtype) {
        throw new GradcError("dtype", `${d.name}: operands of different dtypes`, {
          received: operands.map(formatType).join(" and "),
        });
      }
      return [{ dtype: x.dtype, shape: resultShape(d, sizesOf(d, operands, attrs)) }];
    },
    evaluate: ([x, other], attrs) => [evaluate(d, x, present(other), attrs)],
    form: node => formOf(d, node),
  };
}
