import type { Attrs } from "../graph/attrs.ts";
import { regionParameter } from "../graph/leaves.ts";
import { createNode, type Region } from "../graph/node.ts";
import type { BatchContext, Derivative, NdArray, Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, withOperands } from "../graph/traverse.ts";
import { type Dim, resolveDim } from "../shared/dim.ts";
import { allocate, DTYPES, type TypedArray } from "../shared/dtype.ts";
import { present } from "../shared/errors.ts";
import { algebra } from "./algebra.ts";
import { batchGraph, repeat } from "./batch.ts";
import { replaceWithin } from "./closure.ts";
import { mapPresent } from "./linear-helpers.ts";
import { sweep } from "./sweep.ts";

/** Whether each operand has the batch as its leading axis, and the size of the batch. */
interface BatchedAttrs extends Attrs {
  readonly batched: readonly boolean[];
  readonly size: Dim;
}

const batchedAttrs = (attrs: Attrs): BatchedAttrs => attrs as BatchedAttrs;

/** Values over a region's parameters, for a batch: what the parameters stand for is given by `operands`. */
function overBatch(
  values: readonly Tensor[],
  parameters: readonly Tensor[],
  operands: readonly Tensor[],
  { batched, size }: BatchedAttrs,
): Tensor[] {
  const common = new Map(parameters.flatMap((p, k) => (batched[k] ? [] : [[p, operands[k]] as const])));
  const varying = new Map(parameters.flatMap((p, k) => (batched[k] ? [[p, operands[k]] as const] : [])));
  return batchGraph(replaceWithin(values, common), varying, size);
}

/** Values over parameters and further ones that are batched all. */
const withMore = (attrs: BatchedAttrs, more: number): BatchedAttrs => ({
  ...attrs,
  batched: [...attrs.batched, ...new Array<boolean>(more).fill(true)],
});

/**
 * A composite with a derivative of its own, for every example of a batch: the region holds it for one example. It stays
 * whole until derivatives are taken, which are batches of the derivative for one example.
 */
export const batchedOp: Op & Required<Pick<Op, "expand">> = {
  name: "batched",
  kind: "composite",
  nominal: false,
  commutative: false,
  operands: ["x…"],
  dtypes: DTYPES,
  derivative: {
    equations: ["the derivative for one example, batched"],
    vjp: ({ node, operands, cotangents, needed }) => {
      const attrs = batchedAttrs(node.attrs);
      const [{ parameters, results }] = node.regions;
      const own = cotangents.map((c, k) => c && regionParameter(results[k], "cotangent"));
      const wrt = parameters.filter((_, k) => needed[k]);
      const flat = sweep().vjp(results, wrt, own).values();
      const each = parameters.map((_, k): Derivative => (needed[k] ? (flat.next().value ?? null) : null));
      const given = cotangents.filter(c => c !== null);
      return mapPresent(each, values =>
        overBatch(
          values,
          [...parameters, ...own.filter(c => c !== null)],
          [...operands, ...given],
          withMore(attrs, given.length),
        ),
      ).map((d, k) => (d && !attrs.batched[k] ? algebra().sum(d, [0]) : d));
    },
    jvp: ({ node, operands, tangents }) => {
      const attrs = batchedAttrs(node.attrs);
      const [{ parameters, results }] = node.regions;
      const own = tangents.map((t, k) => t && regionParameter(parameters[k], "tangent"));
      const given = tangents.flatMap((t, k) => (t ? [attrs.batched[k] ? t : repeat(t, attrs.size)] : []));
      return mapPresent(sweep().jvp(results, parameters, own), values =>
        overBatch(
          values,
          [...parameters, ...own.filter(t => t !== null)],
          [...operands, ...given],
          withMore(attrs, given.length),
        ),
      );
    },
  },
  batch: batchComposite,
  inferTypes: (_operands, attrs, [region]) =>
    region.results.map(({ dtype, shape }) => ({ dtype, shape: [batchedAttrs(attrs).size, ...shape] })),
  evaluate: (inputs, attrs, context, { regions: [region] }) => {
    const { batched } = batchedAttrs(attrs);
    const outputs = context.outputs.map(type => ({ ...type, data: allocate(type.dtype, sizeOf(type.shape)) }));
    const size = resolveDim(batchedAttrs(attrs).size, context.env);
    for (let b = 0; b < size; b++) {
      const args = inputs.map((x, k) => (batched[k] ? example(x, b) : x));
      context.runRegion(region, args).forEach(({ data }, k) => {
        outputs[k].data.set(data as TypedArray, b * data.length);
      });
    }
    return outputs;
  },
  expand: (operands, attrs, regions) => {
    const [{ parameters, results }] = present(regions);
    return overBatch(expandOnce(results), parameters, operands, batchedAttrs(attrs));
  },
};

const sizeOf = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);

function example({ dtype, shape, data }: NdArray, b: number): NdArray {
  const rest = shape.slice(1);
  const size = sizeOf(rest);
  return { dtype, shape: rest, data: data.slice(b * size, (b + 1) * size) };
}

/** The graph that a composite in it stands for, in its place. */
const expandOnce = (roots: readonly Tensor[]): readonly Tensor[] =>
  rebuild(roots, (node, operands) =>
    node.op.expand ? node.op.expand(operands, node.attrs, node.regions) : withOperands(node, operands).outputs,
  );

/** The batch of a composite; of the graph it stands for, at once, where it has no derivative of its own. */
export function batchComposite(context: BatchContext): readonly Tensor[] {
  const { node, operands, batched, size } = context;
  const parameters = node.operands.map((o, k) => regionParameter(o, `operand${k}`));
  const results = createNode(node.op, parameters, node.attrs, node.regions).outputs;
  const attrs: BatchedAttrs = { batched, size };
  if (!node.op.derivative) return overBatch(expandOnce(results), parameters, operands, attrs);
  const region: Region = { parameters, results };
  return createNode(batchedOp, operands, attrs, [region]).outputs;
}
