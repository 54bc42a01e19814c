import type { Attrs } from "../graph/attrs.ts";
import type { LowerableOp } from "../kinds/form.ts";
import { clampIndex, indexed } from "../kinds/indexed.ts";
import { checkAxis, splitAtAxis } from "../kinds/linear-helpers.ts";
import { forEachRow } from "../kinds/rows.ts";
import * as s from "../loop/build.ts";
import type { CompareFn, Expr } from "../loop/ir.ts";
import type { Dim } from "../shared/dim.ts";
import { allocate, isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, shapeEquals } from "../shared/shape.ts";
import { scatterLoops } from "./scatter-loops.ts";

const axisIn = (attrs: Attrs): number => attrs.axis as number;
const sizeIn = (attrs: Attrs): Dim => attrs.size as Dim;

/**
 * Which of the updates at a position is its winner: the k of the best one, the first of equals, NaN the best of all; or,
 * without a comparison, the last. −1 where no update is.
 */
function winners(name: string, better?: "gt" | "lt"): LowerableOp {
  const beats = (now: Expr, held: Expr): Expr => {
    const wins = s.compare(better as CompareFn, now, held);
    return isFloat(now.dtype) ? s.and(s.eq(held, held), s.or(wins, s.ne(now, now))) : wins;
  };
  const beatsNumber = (now: number, held: number): boolean =>
    !Number.isNaN(held) && (Number.isNaN(now) || (better === "gt" ? now > held : now < held));
  return indexed({
    name,
    operands: better ? ["indices", "updates"] : ["indices"],
    dtypes: better ? ["f32", "f64", "i32", "u32"] : ["i32"],
    indices: 0,
    inferType: (operands, attrs) => {
      const [indices, updates = indices] = operands;
      checkAxis(name, updates, attrs.axis);
      if (!shapeEquals(indices.shape, updates.shape) || operands.length !== (better ? 2 : 1)) {
        throw new GradcError("shape", `${name}: one index per update is needed`, {
          expected: `indices ${formatShape(updates.shape)}`,
          received: formatShape(indices.shape),
        });
      }
      return { dtype: "i32", shape: updates.shape.with(attrs.axis, sizeIn(attrs)) };
    },
    below: (_operands, attrs) => sizeIn(attrs),
    evaluate: ([indices, updates], attrs, { shape }) => {
      const axis = axisIn(attrs);
      const size = shape[axis];
      const data = allocate(
        "i32",
        shape.reduce((p, n) => p * n, 1),
      ).fill(-1);
      forEachRow(indices.shape, axis, (place, count) => {
        for (let k = 0; k < count; k++) {
          const to = place(clampIndex(indices.data[place(k)], size), size);
          const held = data[to];
          if (held < 0 || !updates || beatsNumber(updates.data[place(k)], updates.data[place(held)])) data[to] = k;
        }
      });
      return data;
    },
    build: (node, fresh) => {
      const axis = axisIn(node.attrs);
      const [indices, updates] = node.operands;
      const split = splitAtAxis(node.outputs[0].shape, axis);
      const held = fresh("held");
      const at = s.variable(held);
      const now = (from: Expr): Expr => s.load("in$1", updates.dtype, from);
      return scatterLoops(
        {
          ...split,
          count: indices.shape[axis],
          perElement: true,
          start: index => s.store("out$0", index, s.int(-1)),
          reach: (to, from, k) => {
            const take = s.store("out$0", to, k);
            if (!updates) return [take];
            const other = now(s.iadd(from, s.imul(s.isub(at, k), s.dimExpr(split.inner))));
            const wins = s.guard(s.lt(at, s.int(0)), s.literal("bool", 1), beats(now(from), other));
            return [s.letStmt(held, s.load("out$0", "i32", to)), s.ifStmt(wins, [take])];
          },
        },
        fresh,
      );
    },
    derivative: null,
  });
}

export const scatterLastOp = winners("scatterLast");
export const scatterArgmaxOp = winners("scatterArgmax", "gt");
export const scatterArgminOp = winners("scatterArgmin", "lt");
