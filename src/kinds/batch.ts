import type { Attrs } from "../graph/attrs.ts";
import { regionParameter } from "../graph/leaves.ts";
import { createNode, type Node } from "../graph/node.ts";
import type { BatchContext, BatchRule } from "../graph/op.ts";
import { mergeOrigins } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type Dim, mulDims } from "../shared/dim.ts";
import { invariant } from "../shared/errors.ts";
import { shapeEquals } from "../shared/shape.ts";
import { algebra } from "./algebra.ts";
import { bodyOrder } from "./closure.ts";

/** The same value for every example: repeated along a new leading axis. */
export const repeat = (x: Tensor, size: Dim): Tensor =>
  algebra().expand(
    x,
    [size, ...x.shape],
    x.shape.map((_, axis) => axis + 1),
  );

/** All operands with the batch as their leading axis. */
export const allBatched = ({ operands, batched, size }: BatchContext): Tensor[] =>
  operands.map((o, k) => (batched[k] ? o : repeat(o, size)));

/** Moves one axis to another place; the others keep their order. */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  if (from === to) return x;
  const perm = x.shape.map((_, axis) => axis).filter(axis => axis !== from);
  perm.splice(to, 0, from);
  return algebra().transpose(x, perm);
}

/** The op itself on operands that all have one more leading axis, with attributes that take it into account. */
export const lifted =
  (attrs: (attrs: Attrs, size: Dim) => Attrs = a => a): BatchRule =>
  context =>
    createNode(context.node.op, allBatched(context), attrs(context.node.attrs, context.size), context.node.regions)
      .outputs;

/** `axis` and `axes` one place further back. */
export const shiftAxes = (attrs: Attrs): Attrs => ({
  ...attrs,
  ...(typeof attrs.axis === "number" ? { axis: attrs.axis + 1 } : {}),
  ...(Array.isArray(attrs.axes) ? { axes: attrs.axes.map(axis => Number(axis) + 1) } : {}),
});

/** Merges an axis into the one behind it: [.., a, b, ..] → [.., a·b, ..]. */
export const mergeAxis = (x: Tensor, axis: number): Tensor =>
  algebra().reshape(x, x.shape.toSpliced(axis, 2, mulDims(x.shape[axis], x.shape[axis + 1])));

/** The inverse of mergeAxis. */
export const splitAxis = (x: Tensor, axis: number, outer: Dim, inner: Dim): Tensor =>
  algebra().reshape(x, x.shape.toSpliced(axis, 1, outer, inner));

/** For ops whose first axis is a batch already: the new one becomes a part of it. */
export const folded: BatchRule = context => {
  const operands = allBatched(context).map(o => mergeAxis(o, 0));
  const { op, attrs } = context.node;
  return createNode(op, operands, attrs).outputs.map((y, k) =>
    splitAxis(y, 0, context.size, context.node.outputs[k].shape[0]),
  );
};

/** A loop over the batch whose body is the op on one example: right for every op, with the derivatives of loops. */
const looped: BatchRule = ({ node, operands, batched, size }) => {
  const parameters = node.operands.map((o, k) => regionParameter(o, `operand${k}`));
  const places = operands.map((_, k) => k);
  const sequences = places.filter(k => batched[k]);
  const captures = places.filter(k => !batched[k]);
  const order = [...sequences, ...captures];
  const { outputs } = createNode(node.op, parameters, node.attrs, node.regions);
  const attrs = {
    carries: 0,
    sequences: sequences.length,
    captures: captures.length,
    length: size,
    reverse: false,
    checkpoint: false,
  };
  const region = { parameters: order.map(k => parameters[k]), results: outputs };
  return createNode(
    algebra().loop,
    order.map(k => operands[k]),
    attrs,
    [region],
  ).outputs;
};

function batchNode(context: BatchContext): readonly Tensor[] {
  const { node, size } = context;
  const outputs = (node.op.batch ?? looped)(context);
  node.outputs.forEach((output, k) => {
    invariant(shapeEquals(outputs[k].shape, [size, ...output.shape]), `a batch of ${output} has type ${outputs[k]}`);
    mergeOrigins(outputs[k], output);
  });
  return outputs;
}

/**
 * What derivative requests differentiate for, where their result varies over the batch and it does not: each example gets
 * its own copy, or its derivative would be the sum over the batch.
 */
function ownTargets(order: readonly Node[], given: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const own = new Set<Tensor>();
  const requests = order.filter(n => n.op.kind === "request");
  for (let grew = requests.length > 0; grew; ) {
    grew = false;
    const varying = new Set([...given, ...own]);
    for (const node of order) {
      if (node.operands.some(o => varying.has(o))) for (const output of node.outputs) varying.add(output);
    }
    for (const { operands } of requests) {
      if (!varying.has(operands[0])) continue;
      for (const other of operands.slice(1)) {
        if (varying.has(other)) continue;
        own.add(other);
        grew = true;
      }
    }
  }
  return own;
}

/**
 * The results for a whole batch: `given` are values of one example and what stands for them in all, with the batch as a
 * leading axis. Only what depends on them is built anew.
 * @returns for each result its batch; undefined where it is the same for all examples
 */
export function batchVarying(
  results: readonly Tensor[],
  given: ReadonlyMap<Tensor, Tensor>,
  size: Dim,
): (Tensor | undefined)[] {
  const order = bodyOrder([...given.keys()], results);
  const own = ownTargets(order, new Set(given.keys()));
  const batches = new Map(given);
  for (const node of order) {
    const batched = node.operands.map(o => batches.has(o));
    if (batched.includes(true) && !node.outputs.every(o => batches.has(o))) {
      const operands = node.operands.map(o => batches.get(o) ?? o);
      const outputs = batchNode({ node, operands, batched, size });
      node.outputs.forEach((o, k) => {
        if (!batches.has(o)) batches.set(o, outputs[k]);
      });
    }
    for (const o of node.outputs) if (own.has(o) && !batches.has(o)) batches.set(o, repeat(o, size));
  }
  return results.map(r => batches.get(r));
}

/** The same with every result batched. */
export const batchGraph = (results: readonly Tensor[], given: ReadonlyMap<Tensor, Tensor>, size: Dim): Tensor[] =>
  batchVarying(results, given, size).map((b, k) => b ?? repeat(results[k], size));
