import { checkSizes, checkTensors, checkWholeNumbers } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import { type Dim, mulDims, subDims } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { axisOf } from "./axes.ts";
import { broadcastTo, callError } from "./coerce.ts";
import { concat, indexAt, sliceAxis } from "./concat.ts";
import { reshape } from "./reshape.ts";
import { transpose } from "./transpose.ts";

type List = number | readonly number[];

const listOf = (x: List): readonly number[] => (typeof x === "number" ? [x] : x);

/** Two lists of whole numbers of one length. */
function pairs(who: string, first: List, second: List): readonly (readonly [number, number])[] {
  const [a, b] = [listOf(first), listOf(second)];
  checkWholeNumbers(who, "these", a);
  checkWholeNumbers(who, "these", b);
  if (a.length === b.length) return a.map((value, k) => [value, b[k]] as const);
  throw callError("attribute", `${who}: lists of different lengths`, {
    expected: "one entry per axis in both",
    received: `${describe(first)} and ${describe(second)}`,
  });
}

/**
 * Repeats a tensor as a whole, as NumPy's tile: axis k of the result is reps[k] copies of axis k.
 * @param reps aligned at the last axis; axes that x lacks are added, axes without an entry stay
 * @throws GradcError `argument`
 */
export function tile<D extends DType>(x: Tensor<D>, reps: readonly Dim[]): Tensor<D> {
  checkTensors("tile", { x });
  checkSizes("tile", reps);
  const rank = Math.max(reps.length, x.rank);
  const ones = (list: readonly Dim[]): Dim[] => [...new Array<Dim>(rank - list.length).fill(1), ...list];
  const [sizes, times] = [ones(x.shape), ones(reps)];
  return oneCall(() => {
    const apart = reshape(
      x,
      sizes.flatMap(n => [1, n]),
    );
    const repeated = broadcastTo(
      apart,
      sizes.flatMap((n, axis) => [times[axis], n]),
    );
    return reshape(
      repeated,
      sizes.map((n, axis) => mulDims(times[axis], n)),
    );
  });
}

/**
 * Moves elements along axes, those that leave at the end come in at the front: element i goes to i + shift.
 * @param shift how far: one number, or one per axis; negative: towards the front
 * @param axes one axis (default the first), or several
 * @throws GradcError `attribute`
 */
export function roll<D extends DType>(x: Tensor<D>, shift: List, axes: List = 0): Tensor<D> {
  checkTensors("roll", { x });
  return oneCall(() =>
    pairs("roll", shift, axes).reduce((y, [by, axis]) => {
      const at = axisOf("roll", axis, x.rank);
      const n: Dim = x.shape[at];
      const ahead = typeof n === "number" ? (n === 0 ? 0 : ((by % n) + n) % n) : by;
      if (ahead === 0) return y;
      const cut = ahead > 0 ? subDims(n, ahead) : -ahead;
      return concat([sliceAxis(y, at, cut, subDims(n, cut)), sliceAxis(y, at, 0, cut)], at);
    }, x),
  );
}

/**
 * Moves axes to other places; the other axes keep their order.
 * @param from one axis or several, negative ones count from the back
 * @param to where they stand in the result
 * @throws GradcError `attribute`
 */
export function moveAxis<D extends DType>(x: Tensor<D>, from: List, to: List): Tensor<D> {
  checkTensors("moveAxis", { x });
  const moves = pairs("moveAxis", from, to).map(
    ([source, place]) => [axisOf("moveAxis", source, x.rank), axisOf("moveAxis", place, x.rank)] as const,
  );
  for (const list of [moves.map(([source]) => source), moves.map(([, place]) => place)]) {
    if (new Set(list).size === list.length) continue;
    throw callError("attribute", "moveAxis: an axis is named twice", {
      expected: "distinct axes",
      received: `[${list.join(", ")}]`,
    });
  }
  const rest = x.shape.flatMap((_, axis) => (moves.some(([source]) => source === axis) ? [] : [axis])).values();
  const perm = x.shape.map((_, k) => moves.find(([, place]) => place === k)?.[0] ?? (rest.next().value as number));
  return transpose(x, perm);
}

/**
 * The parts of a tensor along an axis, which is dropped: the inverse of stack.
 * @throws GradcError `attribute`; `dimension` for an axis of symbolic size
 */
export function unstack<D extends DType>(x: Tensor<D>, axis = 0): Tensor<D>[] {
  checkTensors("unstack", { x });
  const at = axisOf("unstack", axis, x.rank);
  const n: Dim = x.shape[at];
  if (typeof n !== "number") {
    throw callError("dimension", "unstack: the number of parts is not known", {
      expected: `axis ${at} of a fixed size`,
      received: formatType(x),
    });
  }
  return oneCall(() => Array.from({ length: n }, (_, i) => indexAt(x, i, at)));
}
