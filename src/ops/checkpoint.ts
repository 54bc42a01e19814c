import { argumentError, callError, checkFunction } from "../graph/arguments.ts";
import { regionParameter } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import type { Derivative } from "../graph/op.ts";
import { nameOf } from "../graph/provenance.ts";
import { Tensor } from "../graph/tensor.ts";
import { after } from "../kinds/after.ts";
import { batchComposite } from "../kinds/batched.ts";
import { closeRegion, instantiate, replaceWithin } from "../kinds/closure.ts";
import type { CompositeOp } from "../kinds/composite.ts";
import { mapPresent } from "../kinds/linear-helpers.ts";
import { sweep } from "../kinds/sweep.ts";
import { describe } from "../shared/describe.ts";
import { DTYPES } from "../shared/dtype.ts";
import { present } from "../shared/errors.ts";
import { leavesOf, mapTree, type Tree } from "../shared/tree.ts";

/** A part of the graph whose derivative computes its values again instead of keeping them. */
export const checkpointOp: CompositeOp = {
  name: "checkpoint",
  kind: "composite",
  nominal: false,
  commutative: false,
  operands: ["x…", "captures…"],
  dtypes: DTYPES,
  derivative: {
    equations: ["the vjp of the values, computed again"],
    vjp: ({ node, operands, cotangents, needed }) => {
      const [{ parameters, results }] = node.regions;
      const flat = sweep()
        .vjp(
          results,
          parameters.filter((_, k) => needed[k]),
          cotangents,
        )
        .values();
      const each = parameters.map((_, k): Derivative => (needed[k] ? (flat.next().value ?? null) : null));
      const awaited = cotangents.filter(c => c !== null);
      const again = new Map(parameters.map((p, k) => [p, after(operands[k], awaited)]));
      return mapPresent(each, values => replaceWithin(values, again));
    },
    jvp: ({ node, operands, tangents }) => {
      const [{ parameters, results }] = node.regions;
      const own = new Map(parameters.map((p, k) => [p, operands[k]]));
      return mapPresent(sweep().jvp(results, parameters, tangents), values => replaceWithin(values, own));
    },
  },
  batch: batchComposite,
  inferTypes: (_operands, _attrs, [{ results }]) => results.map(({ dtype, shape }) => ({ dtype, shape })),
  evaluate: (inputs, _attrs, context, node) => context.runRegion(node.regions[0], inputs),
  expand: (operands, _attrs, regions) => instantiate(present(regions)[0], operands),
};

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const TREE = "tensors, in arrays and records nested at will";

/**
 * The same function, with less memory for its derivative: of what it computes, only arguments and results are kept for the
 * way back, where the rest is computed again (Chen, Xu, Zhang, Guestrin: Training deep nets with sublinear memory cost;
 * 2016). Values and derivatives are the same. Wrapped around every √n-th part of n layers, it takes memory for about 2·√n
 * of them, at one more forward pass.
 * @param f takes and returns tensors in arrays and records; may close over any value
 * @example
 * const block = checkpoint((x: Tensor<"f32">) => relu(matmul(relu(matmul(x, w1)), w2)));
 * @throws GradcError `argument`, `region` where the function does not return tensors
 */
export function checkpoint<Args extends readonly Tree<Tensor>[], R extends Tree<Tensor>>(
  f: (...args: Args) => R,
): (...args: Args) => R {
  checkFunction("checkpoint", "the first argument", f);
  return (...args) => {
    const leaves = leavesOf(args, isTensor, (value, path) => {
      throw argumentError("checkpoint", `argument ${path} is not a tensor`, TREE, value);
    });
    const parameters = leaves.map((x, k) => regionParameter(x, nameOf(x) ?? `x${k}`));
    let next = 0;
    const results = f(...(mapTree(args, isTensor, () => parameters[next++]) as Args));
    const flat = leavesOf(results, isTensor, value => {
      throw callError("region", "checkpoint: the function does not return tensors", {
        expected: TREE,
        received: describe(value),
        mend: "Return tensors; make plain numbers tensors with constant(value).",
      });
    });
    const { region, captures } = closeRegion(parameters, flat);
    const { outputs } = createNode(checkpointOp, [...leaves, ...captures], {}, [region]);
    next = 0;
    return mapTree(results, isTensor, () => outputs[next++]) as R;
  };
}
