import type { Attrs } from "../graph/attrs.ts";
import { folded } from "../kinds/batch.ts";
import { checkWindow, positions, spatialSizes, type WindowAttrs, windowAttrs } from "../kinds/convolution.ts";
import type { LowerableOp } from "../kinds/form.ts";
import { flatten, forEachIndex, view } from "../kinds/view.ts";
import {
  and,
  compare,
  ge,
  iadd,
  idiv,
  imul,
  int,
  irem,
  isub,
  le,
  literal,
  lt,
  max,
  min,
  add as plus,
  select,
} from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import type { Dim } from "../shared/dim.ts";
import { allocate } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, sizeOf, type TensorType } from "../shared/shape.ts";
import { apply } from "./coerce.ts";

/** attrs of both ops: WindowAttrs, `window` (sizes per spatial axis), and `value` or `spatial`. */
const windowOf = (attrs: Attrs): readonly number[] => attrs.window as readonly number[];

/** Positions of the window over x [n, spatial…, c]. */
function positionsOver(name: string, x: TensorType, attrs: Attrs): number[] {
  const window = windowOf(attrs);
  const rank = window?.length ?? 0;
  if (rank < 1 || x.shape.length !== rank + 2) {
    throw new GradcError("shape", `${name}: the window has not the operand's spatial axes`, {
      expected: `[n, ${rank} spatial axes, c]`,
      received: formatType(x),
    });
  }
  checkWindow(name, attrs, rank);
  const sizes = spatialSizes(name, x, x.shape.slice(1, -1));
  const out = window.map((k, axis) => positions(sizes[axis], k, windowAttrs(attrs), axis));
  if (window.some(k => !Number.isInteger(k) || k < 1) || out.some(o => o < 1)) {
    throw new GradcError("shape", `${name}: the window does not fit`, {
      expected: "a window of at least one element, no larger than the padded operand",
      received: `window [${window.join(", ")}] over ${formatType(x)}`,
    });
  }
  return out;
}

/** Where element k of the window at position o lies, along one axis. */
const sourceOf = (o: number, k: number, { strides, low, dilation }: WindowAttrs, axis: number): number =>
  o * strides[axis] + k * dilation[axis] - low[axis];

export const windowsOp = view({
  name: "windows",
  operands: ["x"],
  arity: 1,
  shape: ([x], attrs) => {
    const out = positionsOver("windows", x, attrs);
    return [x.shape[0], ...out, ...windowOf(attrs), x.shape[x.shape.length - 1]];
  },
  pieces: (index, { shapes: [shape], attrs }) => {
    const { strides, low, dilation } = windowAttrs(attrs);
    const window = windowOf(attrs);
    const rank = window.length;
    const out = window.map((k, axis) => positions(Number(shape[1 + axis]), k, windowAttrs(attrs), axis));
    const conditions: Expr[] = [];
    const inner = window.map((k, axis) => {
      const size = Number(shape[1 + axis]);
      const o = imul(index[1 + axis], int(strides[axis]));
      const at = iadd(iadd(o, imul(index[1 + rank + axis], int(dilation[axis]))), int(-low[axis]));
      if (low[axis] > 0) conditions.push(ge(at, int(0)));
      if (sourceOf(out[axis] - 1, k - 1, windowAttrs(attrs), axis) >= size) conditions.push(lt(at, int(size)));
      return at;
    });
    const source = [index[0], ...inner, index[index.length - 1]];
    return [{ operand: 0, index: source, when: conditions.length > 0 ? conditions.reduce(and) : undefined }];
  },
  reference: (index, { shapes: [shape], attrs }) => {
    const rank = windowOf(attrs).length;
    const inner = shape.slice(1, -1).map((_, axis) => {
      return sourceOf(index[1 + axis], index[1 + rank + axis], windowAttrs(attrs), axis);
    });
    const inside = inner.every((i, axis) => i >= 0 && i < shape[1 + axis]);
    return inside ? [0, [index[0], ...inner, index[index.length - 1]]] : undefined;
  },
  fill: attrs => attrs.value as number,
  linear: attrs => ({ ...attrs, value: 0 }),
  transpose: (cotangent, node) => {
    const { value: _value, ...attrs } = node.attrs;
    const spatial = node.operands[0].shape.slice(1, -1);
    return [apply(overlapAddOp, [cotangent], { ...attrs, spatial })];
  },
  build: ([x], attrs) => apply(windowsOp, [x], attrs),
  equations: ["overlapAdd(ȳ)"],
  batch: folded,
});

function overlapType([y]: readonly TensorType[], attrs: Attrs): TensorType {
  const window = windowOf(attrs);
  const rank = window?.length ?? 0;
  const spatial = attrs.spatial as readonly number[];
  const whole: Dim[] = [y.shape[0], ...(spatial ?? []), y.shape[y.shape.length - 1]];
  const x: TensorType = { dtype: y.dtype, shape: whole };
  const fits = rank > 0 && spatial?.length === rank && y.shape.length === 2 * rank + 2;
  const out = fits ? positionsOver("overlapAdd", x, attrs) : [];
  const expected = [...out, ...(window ?? [])];
  if (!fits || expected.some((n, i) => y.shape[1 + i] !== n)) {
    throw new GradcError("shape", "overlapAdd: the operand does not hold these windows", {
      expected: `[n, ${expected.join(", ")}, c]`,
      received: formatType(y),
    });
  }
  if (y.dtype !== "f32" && y.dtype !== "f64") {
    throw new GradcError("dtype", `overlapAdd does not take ${y.dtype}`, {
      expected: "f32, f64",
      received: formatType(y),
    });
  }
  return x;
}

/** The transpose of windows: a sum over the window's elements, a reduction like any other. */
export const overlapAddOp: LowerableOp = {
  name: "overlapAdd",
  kind: "reduce",
  nominal: false,
  commutative: false,
  operands: ["y"],
  dtypes: ["f32", "f64"],
  derivative: {
    equations: ["windows(ȳ)"],
    vjp: ({ node, cotangents: [cotangent] }) => {
      const { spatial: _spatial, ...attrs } = node.attrs;
      return [cotangent && apply(windowsOp, [cotangent], { ...attrs, value: 0 })];
    },
    jvp: ({ node, tangents: [tangent] }) => [tangent && apply(overlapAddOp, [tangent], node.attrs)],
  },
  batch: folded,
  inferTypes: (operands, attrs) => [overlapType(operands, attrs)],
  evaluate: ([y], attrs, { outputs: [type] }) => {
    const { shape } = type;
    const rank = windowOf(attrs).length;
    const data = allocate(type.dtype, Number(sizeOf(shape)));
    forEachIndex(y.shape, (index, flat) => {
      const inner = windowOf(attrs).map((_, axis) =>
        sourceOf(index[1 + axis], index[1 + rank + axis], windowAttrs(attrs), axis),
      );
      if (inner.some((i, axis) => i < 0 || i >= shape[1 + axis])) return;
      data[flatten([index[0], ...inner, index[index.length - 1]], shape)] += y.data[flat];
    });
    return [{ dtype: type.dtype, shape, data }];
  },
  form: node => {
    const { strides, low, dilation } = windowAttrs(node.attrs);
    const [y] = node.operands;
    const window = windowOf(node.attrs);
    const rank = window.length;
    const positive = low.every(n => n >= 0);
    /** Along such axes o = ⌊(i + low)/stride⌋ − t meets element k = (i + low) mod stride + stride·t: nothing else is asked. */
    const direct = window.map((_, axis) => positive && dilation[axis] === 1);
    return {
      form: "reduction",
      extents: window.map((k, axis) => (direct[axis] ? Math.ceil(k / strides[axis]) : k)),
      axes: window.map((_, axis) => 1 + rank + axis),
      states: [{ dtype: y.dtype, init: 0 }],
      element: (index, reduced, read) => {
        const conditions: Expr[] = [];
        const elements: Expr[] = [];
        const at = reduced.map((t, axis) => {
          const stride = int(strides[axis]);
          const last = int(Number(y.shape[1 + axis]) - 1);
          const place = iadd(index[1 + axis], int(low[axis]));
          // In bounds even where the element does not count.
          if (direct[axis]) {
            const k = iadd(irem(place, stride), imul(t, stride));
            const o = isub(idiv(place, stride), t);
            conditions.push(ge(o, int(0)), le(o, last));
            if (window[axis] % strides[axis] > 0) conditions.push(lt(k, int(window[axis])));
            elements.push(window[axis] % strides[axis] > 0 ? min(k, int(window[axis] - 1)) : k);
            return max(int(0), min(o, last));
          }
          const shifted = isub(place, imul(t, int(dilation[axis])));
          const o = idiv(shifted, stride);
          conditions.push(ge(shifted, int(0)), le(o, last));
          if (strides[axis] > 1) conditions.push(compare("eq", irem(shifted, stride), int(0)));
          elements.push(t);
          return max(int(0), min(o, last));
        });
        const element = read(0, [index[0], ...at, ...elements, index[index.length - 1]]);
        return [select(conditions.reduce(and), element, literal(y.dtype, 0))];
      },
      combine: ([a], [b]) => [plus(a, b)],
      finish: ([total]) => [total],
      cost: 2,
    };
  },
};
