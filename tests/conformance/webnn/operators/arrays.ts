import * as g from "../../../../src/index.ts";
import { type Arguments, numbers, type Operators } from "./operator.ts";

/** Negative places count from the back; what lies outside is clamped. */
function gather(a: Arguments): g.Tensor {
  const axis = a.option("axis", 0);
  const x = a.one("input");
  const size = numbers(x)[axis];
  const places = g.cast(a.one("indices"), "i32");
  const fromFront = g.where(g.lt(places, 0), g.add(places, size), places) as g.Tensor<"i32">;
  return g.gather(x, g.clip(fromFront, 0, size - 1), axis);
}

function slice(a: Arguments): g.Tensor {
  const starts = a.plain<number[]>("starts");
  const ends = a.plain<number[]>("sizes").map((size, axis) => starts[axis] + size);
  return g.slice(a.one("input"), starts, ends, a.option<number[]>("strides", []));
}

export const ARRAYS: Operators = {
  concat: a => g.concat(a.list("inputs"), a.plain("axis")),
  expand: a => g.broadcastTo(a.one("input"), a.plain("newShape")),
  gather,
  reshape: a => g.reshape(a.one("input"), a.plain<number[]>("newShape")),
  slice,
  split: a => g.split(a.one("input"), a.plain<number | number[]>("splits"), a.option("axis", 0)),
  transpose: a => g.transpose(a.one("input"), a.option<number[] | undefined>("permutation", undefined)),
};
