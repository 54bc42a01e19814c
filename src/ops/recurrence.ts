import { checkOptions, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Derivative } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { addDerivatives, checkAxis, checkDType } from "../kinds/linear-helpers.ts";
import { stepIn } from "../kinds/prefix.ts";
import { routine } from "../kinds/routine.ts";
import { forEachRow, rowLoops } from "../kinds/rows.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { subDims } from "../shared/dim.ts";
import { allocate, type FloatDType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, shapeEquals } from "../shared/shape.ts";
import { mulOp } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";
import { rawPad } from "./pad.ts";
import { rawSlice } from "./slice.ts";

const FLOATS = ["f32", "f64"] as const;

export interface Direction extends Attrs {
  readonly axis: number;
  /** From the last element to the first. */
  readonly reverse: boolean;
}

export const directionOf = (attrs: Attrs): Direction => attrs as Direction;

/** All elements along the axis but the last, and all but the first, in the direction. */
export function neighbours(x: Tensor, { axis, reverse }: Direction): readonly [before: Tensor, after: Tensor] {
  const none = x.shape.map(() => 0);
  const sizes = x.shape.with(axis, subDims(x.shape[axis], 1));
  const from = (start: number): Tensor =>
    rawSlice(x, { starts: none.with(axis, start), sizes, steps: x.shape.map(() => 1) });
  return reverse ? [from(1), from(0)] : [from(0), from(1)];
}

/** A zero comes before the first element in the direction. */
export function afterZero(x: Tensor, { axis, reverse }: Direction): Tensor {
  const none = x.shape.map(() => 0);
  const one = none.with(axis, 1);
  return rawPad(x, { low: reverse ? none : one, high: reverse ? one : none, interior: none, value: 0 });
}

/** Each element becomes the one before it in the direction; the first one 0. */
export const previous = (x: Tensor, direction: Direction): Tensor =>
  x.shape[direction.axis] === 0 ? x : afterZero(neighbours(x, direction)[0], direction);

/** Each element becomes the one after it in the direction; the last one 0. */
export const following = (x: Tensor, { axis, reverse }: Direction): Tensor => previous(x, { axis, reverse: !reverse });

export const recur = (a: Tensor, b: Tensor, { axis, reverse }: Direction): Tensor =>
  apply(recurrenceOp, [a, b], { axis, reverse });

const times = (x: Tensor, y: Tensor): Tensor => apply(mulOp, [x, y]);

export const recurrenceOp = routine({
  name: "recurrence",
  operands: ["a", "b"],
  dtypes: FLOATS,
  inferTypes: ([a, b], attrs) => {
    checkDType("recurrence", a, FLOATS);
    checkAxis("recurrence", a, attrs.axis);
    if (a.dtype !== b.dtype || !shapeEquals(a.shape, b.shape)) {
      throw new GradcError("shape", "recurrence: factors and terms differ in type", {
        expected: formatType(a),
        received: formatType(b),
      });
    }
    return [a];
  },
  evaluate: ([a, b], attrs, [type]) => {
    const { axis, reverse } = directionOf(attrs);
    const data = allocate(a.dtype, a.data.length);
    forEachRow(a.shape, axis, (place, length) => {
      let state = 0;
      for (let step = 0; step < length; step++) {
        const at = place(reverse ? length - 1 - step : step);
        state = step === 0 ? b.data[at] : a.data[at] * state + b.data[at];
        data[at] = state;
      }
    });
    return [{ ...type, data }];
  },
  build: (node, fresh) => {
    const [{ dtype, shape }] = node.operands;
    const { axis, reverse } = directionOf(node.attrs);
    const [step, state, at] = ["step", "state", "at"].map(fresh);
    const [vstep, vat] = [step, at].map(name => s.variable(name));
    // Floats are folded in f64 and rounded when stored, as in other prefix operations.
    const held = s.variable(state, "f64");
    const read = (k: number): Expr => s.cast("f64", s.load(`in$${k}`, dtype, vat));
    // There is nothing before the first element: its factor, whatever it is, has no part.
    const carried = s.select(s.eq(vstep, s.int(0)), s.literal("f64", 0), s.mul(read(0), held));
    return rowLoops(shape, axis, fresh, (place, length) => [
      s.varStmt(state, s.literal("f64", 0)),
      s.forStmt(step, s.int(0), length, [
        s.letStmt(at, place(stepIn(reverse, vstep, length))),
        s.assign(state, s.add(carried, read(1))),
        s.store("out$0", vat, s.cast(dtype, held)),
      ]),
    ]);
  },
  cost: 2,
  derivative: {
    equations: ["b̄·y[j − 1]", "b̄[j] = ȳ[j] + a[j + 1]·b̄[j + 1]"],
    vjp: ({ node, operands: [a], outputs: [y], cotangents: [cotangent], needed }): Derivative[] => {
      if (!cotangent) return [null, null];
      const forward = directionOf(node.attrs);
      const terms = recur(following(a, forward), cotangent, { ...forward, reverse: !forward.reverse });
      return [needed[0] ? times(terms, previous(y, forward)) : null, terms];
    },
    jvp: ({ node, operands: [a], outputs: [y], tangents: [da, db] }) => {
      const forward = directionOf(node.attrs);
      const moved = addDerivatives(da && times(da, previous(y, forward)), db);
      return [moved && recur(a, moved, forward)];
    },
  },
});

/**
 * The linear recurrence y[j] = a[j]·y[j − 1] + b[j] along an axis; y[0] = b[0]. With a decay as `a` it is a moving
 * average, with ones a cumsum.
 * @param a f32 or f64; its first elements along the axis have no part
 * @param b of a's type
 * @param axis counted from the back where negative; default the last
 * @param options.reverse from the last element to the first: y[j] = a[j]·y[j + 1] + b[j]
 * @throws GradcError `attribute` where there is no such axis, `shape` where the types differ
 */
export function recurrence<D extends FloatDType>(
  a: Tensor<D>,
  b: Tensor<D>,
  axis = -1,
  options: { readonly reverse?: boolean } = {},
): Tensor<D> {
  checkTensors("recurrence", { a, b });
  checkOptions("recurrence", options, ["reverse"]);
  return recur(a, b, { axis: axisOf("recurrence", axis, a.rank), reverse: !!options.reverse }) as Tensor<D>;
}
