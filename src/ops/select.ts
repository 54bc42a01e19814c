import { checkTensors } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import { elementwise } from "../kinds/elementwise.ts";
import * as s from "../loop/build.ts";
import { DTYPES } from "../shared/dtype.ts";
import { apply, broadcastAll, type Join, type Operand, type Scalar, weaken } from "./coerce.ts";

export const whereOp = elementwise({
  name: "where",
  operands: ["c", "x", "y"],
  dtypes: DTYPES,
  signature: "choose",
  scalar: ([c, x, y]) => s.select(c, x, y),
  reference: ([c, x, y]) => (c ? x : y),
  partials: [
    () => "zero",
    ({ x: [c] }) => ({ where: c, yes: "one", no: "zero" }),
    ({ x: [c] }) => ({ where: c, yes: "zero", no: "one" }),
  ],
  equations: ["", "where(c, ȳ, 0)", "where(c, 0, ȳ)"],
  cost: 1,
});

type Chosen<C, A, B> = C extends Scalar ? Join<A, B> : Tensor<Join<A, B>["dtype"]>;

/**
 * x where the condition holds, y elsewhere; all three broadcast. Gradients flow into the chosen branch only.
 * @param condition bool
 * @throws GradcError `dtype`, `shape`
 */
export function where<C extends Tensor<"bool">, A extends Operand, B extends Operand>(
  condition: C,
  x: A,
  y: B,
): Chosen<C, A, B> {
  checkTensors("where", { condition });
  const [then, otherwise] = weaken("where", [x, y]);
  return apply(whereOp, broadcastAll("where", [condition, then, otherwise])) as Chosen<C, A, B>;
}
