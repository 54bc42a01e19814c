import { checkFunction, checkOptions, checkSizes } from "../graph/arguments.ts";
import { regionParameter } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import { Tensor } from "../graph/tensor.ts";
import { closeRegions } from "../kinds/closure.ts";
import { whileKind } from "../kinds/while.ts";
import { describe } from "../shared/describe.ts";
import type { Dim } from "../shared/dim.ts";
import { formatType } from "../shared/shape.ts";
import type { Tree } from "../shared/tree.ts";
import { addOp } from "./arithmetic.ts";
import { apply, callError } from "./coerce.ts";
import { checkSameLeaves, type Handles, leavesWithPaths, regrow } from "./region-values.ts";
import { scanOp } from "./scan.ts";
import { fill } from "./source.ts";

export const whileOp = whileKind({ name: "while", operands: ["initial carries…", "captures…"], scan: scanOp });

export interface WhileOptions {
  /** The most steps that are made. With it, gradients can be taken, and there is room for what each step saves. */
  readonly max?: Dim;
  /** Gradients save the carries only and compute the rest of the body again: less memory, more work. */
  readonly checkpoint?: boolean;
}

/**
 * A loop that goes on while a condition on its carry holds. Without a bound it has tangents (jvp) but no gradients; with
 * `max` it stops after that many steps at the latest and has derivatives of any order.
 * @param condition called once, with a placeholder; returns bool []. Whether another step follows; the steps themselves
 * are constant for derivatives
 * @param body called once, with a placeholder; returns the next carry in the same structure, shapes and dtypes. Both may
 * close over any value
 * @param init the first carry: a tensor, or arrays and records of tensors
 * @returns the carry for which the condition does not hold, or that of step `max`
 * @throws GradcError `region` where the body or the condition does not fit; `not-differentiable` when a gradient of a
 * loop without a bound is taken
 * @example
 * // Newton's method for the square root of a: f32 []
 * const root = whileLoop(x => gt(abs(sub(mul(x, x), a)), 1e-6), x => mul(0.5, add(x, div(a, x))), a, { max: 30 });
 */
export function whileLoop<const Init extends Tree<Tensor>>(
  condition: (carry: Handles<Init>) => Tensor<"bool">,
  body: (carry: Handles<Init>) => Tree<Tensor>,
  init: Init,
  options: WhileOptions = {},
): Handles<Init> {
  checkFunction("whileLoop", "the condition", condition);
  checkFunction("whileLoop", "the body", body);
  checkOptions("whileLoop", options, ["max", "checkpoint"]);
  const { max, checkpoint = false } = options;
  if (max !== undefined) checkSizes("whileLoop", [max]);
  const carries = leavesWithPaths("whileLoop", init, "carry");
  const fresh = (): Tensor[] => carries.map(({ path, value }) => regionParameter(value, path));
  const asked = fresh();
  const goesOn: unknown = condition(regrow(init, asked) as Handles<Init>);
  if (!(goesOn instanceof Tensor) || goesOn.dtype !== "bool" || goesOn.rank > 0) {
    throw callError("region", "whileLoop: the condition is no single truth value", {
      expected: "bool []",
      received: goesOn instanceof Tensor ? formatType(goesOn) : describe(goesOn),
      mend: "Compare numbers, and fold a tensor of truth values with all(x) or any(x).",
    });
  }
  const parameters = fresh();
  const after = leavesWithPaths("whileLoop", body(regrow(init, parameters) as Handles<Init>), "carry");
  checkSameLeaves("whileLoop", carries, after, "the body returns a carry", "the body changes the type of");

  const results = after.map(l => l.value);
  const start = carries.map(l => l.value);
  if (max !== undefined) {
    // Derivatives need to know how many steps were made.
    const steps = regionParameter({ dtype: "i32", shape: [] }, "steps");
    start.push(fill(0, [], "i32"));
    asked.push(regionParameter(steps, "steps"));
    parameters.push(steps);
    results.push(apply(addOp, [steps, fill(1, [], "i32")]));
  }
  const { regions, captures } = closeRegions([
    { parameters, results },
    { parameters: asked, results: [goesOn] },
  ]);
  const attrs = {
    carries: start.length,
    sequences: 0,
    captures: captures.length,
    reverse: false,
    checkpoint,
    ...(max === undefined ? {} : { length: max, counted: true }),
  };
  const { outputs } = createNode(whileOp, [...start, ...captures], attrs, regions);
  return regrow(init, outputs) as Handles<Init>;
}
