import { checkFunction, checkTensors } from "../graph/arguments.ts";
import { createNode, nextNodeId } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { closeRegions } from "../kinds/closure.ts";
import { condKind } from "../kinds/cond.ts";
import { formatType } from "../shared/shape.ts";
import type { Tree } from "../shared/tree.ts";
import { callError } from "./coerce.ts";
import { checkSameLeaves, type Handles, type Leaf, leavesWithPaths, regrow } from "./region-values.ts";

export const condOp = condKind({ name: "cond", operands: ["condition", "captures…"] });

/**
 * One of two values, of which only the chosen one is computed (where computes both). Both bodies are called once, while
 * the graph is declared; what they make runs only when they are chosen, derivatives too. What they close over, made
 * before, is computed in any case.
 * @param condition bool []: one truth value; fold tensors of them with all or any
 * @param then builds the value for true: a tensor, or arrays and records of tensors; may close over any value
 * @param otherwise builds the value for false, of the same structure, shapes and dtypes
 * @returns the tree that the bodies return
 * @throws GradcError `dtype` where the condition is not bool [], `region` where the bodies differ
 * @example
 * const root = cond(gt(x, 0), () => sqrt(x), () => zerosLike(x)); // x: f32 []
 */
export function cond<const Value extends Tree<Tensor>>(
  condition: Tensor<"bool">,
  then: () => Value,
  otherwise: () => Tree<Tensor>,
): Handles<Value> {
  checkTensors("cond", { condition });
  checkFunction("cond", "the body for true", then);
  checkFunction("cond", "the body for false", otherwise);
  if (condition.dtype !== "bool" || condition.rank > 0) {
    throw callError("dtype", "cond: the condition is no single truth value", {
      expected: "bool []",
      received: formatType(condition),
      mend: "Compare numbers, and fold a tensor of truth values with all(x) or any(x); where(…) chooses by element.",
    });
  }
  const since = nextNodeId();
  const trees = [then(), otherwise()];
  const [first, second] = trees.map((tree): Leaf[] => leavesWithPaths("cond", tree, "value"));
  checkSameLeaves(
    "cond",
    first,
    second,
    "the body for false returns a value",
    "the bodies return two types for",
    "Return values of the same structure, shapes and dtypes from both bodies.",
  );
  const { regions, captures } = closeRegions(
    [first, second].map(leaves => ({ parameters: [], results: leaves.map(l => l.value) })),
    since,
  );
  const { outputs } = createNode(condOp, [condition, ...captures], {}, regions);
  return regrow(trees[0], outputs) as Handles<Value>;
}
