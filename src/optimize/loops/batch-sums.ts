import { createNode, type Node } from "../../graph/node.ts";
import type { Op } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { ScanAttrs } from "../../kinds/region.ts";
import { apply } from "../../ops/coerce.ts";
import { contractOp } from "../../ops/contraction.ts";
import { scatterAddOp } from "../../ops/gather.ts";
import { present } from "../../shared/errors.ts";
import { maxSizeOf } from "../../shared/shape.ts";
import { plus, stackedProduct, termsOf, usesIn } from "./sums.ts";

/** Stacks may take so many times the room of the sum that they replace. */
const STACK_ROOM = 4;

/**
 * What a sum over all steps of a bilinear or linear function is, from the stacks of its operands: of products one product,
 * of rows added at their places (axis 0) the same with more rows.
 */
const SUMMED = new Map<Op, (node: Node, stacks: readonly Tensor[]) => Tensor>([
  [contractOp, (node, stacks) => stackedProduct(node, stacks, [0, 1])],
  [scatterAddOp, (node, stacks) => apply(scatterAddOp, stacks, node.attrs)],
]);

/** A carry that only adds up: carry ← carry + Σ products + rest. */
interface Accumulator {
  readonly carry: number;
  /** Or other summands with a sum of their own over all steps. */
  readonly products: readonly Node[];
  readonly rest: readonly Tensor[];
}

function accumulatorsOf(node: Node): Accumulator[] {
  const { carries, sequences } = node.attrs as ScanAttrs;
  const [{ parameters, results }] = node.regions;
  const uses = usesIn(results);
  const invariants = new Set(parameters.slice(carries + sequences));
  const varies = (value: Tensor): boolean =>
    !invariants.has(value) && value.node.operands.length + (value.node.op.nominal ? 1 : 0) > 0;
  return parameters.slice(0, carries).flatMap((parameter, carry) => {
    const terms = termsOf(results[carry], uses);
    if (terms.length < 2 || uses.get(parameter) !== 1 || !terms.includes(parameter)) return [];
    const others = terms.filter(t => t !== parameter);
    const isProduct = ({ node: { op, attrs, operands }, shape }: Tensor): boolean =>
      SUMMED.has(op) &&
      (attrs.axis ?? 0) === 0 &&
      operands.every(varies) &&
      operands.reduce((room, o) => room + maxSizeOf(o.shape), 0) <= STACK_ROOM * maxSizeOf(shape);
    const products = others.filter(isProduct);
    if (products.length === 0) return [];
    return [{ carry, products: products.map(p => p.node), rest: others.filter(t => !products.includes(t)) }];
  });
}

/**
 * Σ over t of xₜ·yₜ is one product over the stacks of x and y, with t as a letter of its depth: a loop that carries the
 * sum of products (the gradient of a captured weight) stacks their factors instead.
 * @returns values for the outputs of the loop; undefined where it carries no such sum
 */
export function batchSums(node: Node, operands: readonly Tensor[]): readonly Tensor[] | undefined {
  const attrs = node.attrs as ScanAttrs;
  // Stacks would undo what checkpoints save, and go beyond the steps of a loop that stops early.
  const accumulators = attrs.checkpoint || attrs.counted ? [] : accumulatorsOf(node);
  if (accumulators.length === 0) return undefined;
  const [{ parameters, results }] = node.regions;
  const gone = new Set(accumulators.filter(a => a.rest.length === 0).map(a => a.carry));
  const keeps = (_: unknown, k: number): boolean => k >= attrs.carries || !gone.has(k);
  const restOf = new Map(accumulators.map(a => [a.carry, a.rest]));
  const carried = results.slice(0, attrs.carries).map((result, k) => {
    const rest = restOf.get(k);
    return rest && rest.length > 0 ? [parameters[k], ...rest].reduce(plus) : result;
  });
  const outs = results.slice(attrs.carries);
  const factors = new Set(accumulators.flatMap(a => a.products.flatMap(p => p.operands)));
  const sequenceOf = (value: Tensor): Tensor | undefined => {
    const at = parameters.indexOf(value);
    return at >= attrs.carries && at < attrs.carries + attrs.sequences ? operands[at] : undefined;
  };
  const stacked = [...factors].filter(f => !sequenceOf(f) && !outs.includes(f));
  const loop = createNode(node.op, operands.filter(keeps), { ...attrs, carries: attrs.carries - gone.size }, [
    {
      parameters: parameters.filter(keeps),
      results: [...carried.filter(keeps), ...outs, ...stacked],
    },
  ]);
  const firstOut = attrs.carries - gone.size;
  const stackOf = (value: Tensor): Tensor =>
    sequenceOf(value) ?? loop.outputs[firstOut + [...outs, ...stacked].indexOf(value)];
  let next = 0;
  const finals = carried.map((_, k) => (gone.has(k) ? operands[k] : loop.outputs[next++]));
  for (const { carry, products } of accumulators) {
    for (const product of products) {
      const sum = present(SUMMED.get(product.op))(product, product.operands.map(stackOf));
      finals[carry] = plus(finals[carry], sum);
    }
  }
  return [...finals, ...outs.map((_, k) => loop.outputs[firstOut + k])];
}
