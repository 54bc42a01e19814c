import { checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted, shiftAxes } from "../kinds/batch.ts";
import { checkAxis, checkDType, make, splitAtAxis, splitNumbers } from "../kinds/linear-helpers.ts";
import { routine } from "../kinds/routine.ts";
import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import { allocate, isFloat, type NumericDType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType } from "../shared/shape.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";
import { gatherAlongOp, scatterAddAlongOp } from "./gather.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;
const axisIn = (attrs: Attrs): number => attrs.axis as number;
const countIn = (attrs: Attrs): number => attrs.k as number;

/** x comes strictly before y: larger, or NaN before a number. */
function before(x: Expr, y: Expr): Expr {
  const larger = s.gt(x, y);
  if (!isFloat(x.dtype)) return larger;
  return s.or(larger, s.and(s.ne(x, x), s.eq(y, y)));
}

/**
 * Insertion into a sorted list of at most k, which lives in the results. Elements come in the order of their indices and
 * move past strictly smaller ones only, so ties keep the lowest index first.
 */
function build(node: Node, fresh: (hint: string) => string): Stmt[] {
  const [x] = node.operands;
  const k = countIn(node.attrs);
  const split = splitAtAxis(x.shape, axisIn(node.attrs));
  const length = s.dimExpr(split.length);
  const inner = s.dimExpr(split.inner);
  const [o, i, j, value, place, from, to] = ["o", "i", "j", "value", "place", "from", "to"].map(fresh);
  const [vo, vi, vj, at] = [o, i, j, place].map(name => s.variable(name));
  const current = s.variable(value, x.dtype);
  const slot = (p: Expr): Expr => s.iadd(s.imul(s.iadd(s.imul(vo, s.int(k)), p), inner), vi);
  const held = (p: Expr): Expr => s.load("out$0", x.dtype, slot(p));
  const previous = s.isub(at, s.int(1));
  const shift: Stmt[] = [
    s.letStmt(from, slot(previous)),
    s.letStmt(to, slot(at)),
    s.store("out$0", s.variable(to), s.load("out$0", x.dtype, s.variable(from))),
    s.store("out$1", s.variable(to), s.load("out$1", "i32", s.variable(from))),
    s.assign(place, previous),
  ];
  const admit = s.guard(s.lt(vj, s.int(k)), s.literal("bool", 1), before(current, held(s.int(k - 1))));
  return [
    s.forStmt(o, s.int(0), s.dimExpr(split.outer), [
      s.forStmt(i, s.int(0), inner, [
        s.forStmt(j, s.int(0), length, [
          s.letStmt(value, s.load("in$0", x.dtype, s.iadd(s.imul(s.iadd(s.imul(vo, length), vj), inner), vi))),
          s.ifStmt(admit, [
            s.varStmt(place, s.min(vj, s.int(k - 1))),
            s.whileStmt(s.guard(s.gt(at, s.int(0)), before(current, held(previous)), s.literal("bool", 0)), shift),
            s.store("out$0", slot(at), current),
            s.store("out$1", slot(at), vj),
          ]),
        ]),
      ]),
    ]),
  ];
}

export const topKOp = routine({
  name: "topK",
  operands: ["x"],
  dtypes: NUMERIC,
  inferTypes: ([x], attrs) => {
    checkDType("topK", x, NUMERIC);
    checkAxis("topK", x, attrs.axis);
    const k = countIn(attrs);
    const size = x.shape[attrs.axis];
    if (typeof size !== "number") {
      throw new GradcError("unsupported", "topK: the axis has a size that is known at the call only", {
        expected: "an axis of fixed size",
        received: formatType(x),
        mend: "Take another axis, or give this one a number for its size.",
      });
    }
    if (!Number.isInteger(k) || k < 1 || k > size) {
      throw new GradcError("attribute", `topK: cannot take ${k} of ${size} elements`, {
        expected: `a whole number from 1 to ${size}`,
        received: `k = ${k} on ${formatType(x)}`,
      });
    }
    const shape = x.shape.with(attrs.axis, k);
    return [
      { dtype: x.dtype, shape },
      { dtype: "i32", shape },
    ];
  },
  evaluate: ([x], attrs, [valuesType, indicesType]) => {
    const k = countIn(attrs);
    const { outer, length, inner } = splitNumbers(x.shape, axisIn(attrs));
    const values = allocate(x.dtype, outer * k * inner);
    const indices = allocate("i32", values.length);
    const rank = (v: number): number => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : v);
    for (let row = 0; row < outer * inner; row++) {
      const start = Math.floor(row / inner) * length * inner + (row % inner);
      const at = (j: number): number => x.data[start + j * inner];
      const nanFirst = (a: number, b: number): number => Number(Number.isNaN(at(b))) - Number(Number.isNaN(at(a)));
      const larger = (a: number, b: number): number =>
        Number(rank(at(a)) < rank(at(b))) - Number(rank(at(a)) > rank(at(b)));
      const order = Array.from({ length }, (_, j) => j).sort((a, b) => nanFirst(a, b) || larger(a, b) || a - b);
      for (let j = 0; j < k; j++) {
        const to = Math.floor(row / inner) * k * inner + j * inner + (row % inner);
        values[to] = at(order[j]);
        indices[to] = order[j];
      }
    }
    return [
      { ...valuesType, data: values },
      { ...indicesType, data: indices },
    ];
  },
  build,
  cost: 10,
  batch: lifted(shiftAxes),
  derivative: {
    equations: ["values̄ added at indices"],
    vjp: ({ node, operands: [x], outputs: [, indices], cotangents: [cotangent] }) => {
      const axis = axisIn(node.attrs);
      const attrs = { axis, size: x.shape[axis] };
      return [cotangent && isFloat(x.dtype) ? make(scatterAddAlongOp, [indices, cotangent], attrs) : null];
    },
    jvp: ({ node, outputs: [, indices], tangents: [tangent] }) => [
      tangent && make(gatherAlongOp, [tangent, indices], { axis: axisIn(node.attrs) }),
      null,
    ],
  },
});

/**
 * The k largest elements along an axis, in descending order, and their positions. Ties go to the lowest index; NaN
 * counts as larger than every number.
 * @param k 1 … size of the axis
 * @param axis of fixed size, counted from the back where negative; default the last
 * @returns values of x's dtype and i32 indices, both with k elements along the axis. The gradient of the values goes to
 * the elements they came from.
 * @throws GradcError `attribute` for a k or an axis out of range
 */
export function topK<D extends NumericDType>(
  x: Tensor<D>,
  k: number,
  axis = -1,
): { readonly values: Tensor<D>; readonly indices: Tensor<"i32"> } {
  checkTensors("topK", { x });
  const [values, indices] = apply(topKOp, [x], { k, axis: axisOf("topK", axis, x.rank) }).node.outputs;
  return { values: values as Tensor<D>, indices: indices as Tensor<"i32"> };
}
