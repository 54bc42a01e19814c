import { regionParameter } from "../../graph/leaves.ts";
import { createNode, type Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { topological } from "../../graph/traverse.ts";
import { replaceWithin } from "../../kinds/closure.ts";
import type { ScanAttrs } from "../../kinds/region.ts";
import { contractOp } from "../../ops/contraction.ts";
import { maxSizeOf } from "../../shared/shape.ts";
import { plus, stackedProduct, termsOf, usesIn } from "./sums.ts";

/** A product for all steps may take so many times the room of its factor for all steps. */
const ROOM = 16;

const fits = (product: Tensor, factor: Tensor): boolean =>
  maxSizeOf(product.shape) <= ROOM * maxSizeOf(factor.shape) &&
  maxSizeOf(factor.shape) <= ROOM * maxSizeOf(product.shape);

/** Loops that save memory, or that stop early, compute step by step. */
const computesAhead = ({ checkpoint, counted }: ScanAttrs): boolean => !checkpoint && !counted;

/** Which factor of a product is given, where the other is the same in every step. */
function givenFactor(node: Node, isGiven: (x: Tensor) => boolean, isFixed: (x: Tensor) => boolean): number | undefined {
  const place = [0, 1].find(k => isGiven(node.operands[k]) && isFixed(node.operands[1 - k]));
  return node.op === contractOp && place !== undefined && fits(node.outputs[0], node.operands[place])
    ? place
    : undefined;
}

/**
 * xₜ·W for all steps is one product before the loop, x a sequence and W the same in every step: its rows are those of all
 * steps, so that W is read once.
 * @returns values for the outputs of the loop; undefined where it has no such product
 */
export function batchInputs(node: Node, operands: readonly Tensor[]): readonly Tensor[] | undefined {
  const attrs = node.attrs as ScanAttrs;
  if (!computesAhead(attrs)) return undefined;
  const { carries, sequences } = attrs;
  const [{ parameters, results }] = node.regions;
  const first = carries + sequences;
  const stacks = new Map(parameters.slice(carries, first).map((p, k) => [p, operands[carries + k]]));
  const fixed = new Map(parameters.slice(first).map((p, k) => [p, operands[first + k]]));
  const made: { readonly parameter: Tensor; readonly stack: Tensor }[] = [];
  const replaced = new Map<Tensor, Tensor>();
  const now = (x: Tensor): Tensor => replaced.get(x) ?? x;
  for (const inner of topological(results)) {
    const at = givenFactor(
      inner,
      x => stacks.has(now(x)),
      x => fixed.has(x),
    );
    if (at === undefined) continue;
    const outer = inner.operands.map(x => (stacks.get(now(x)) ?? fixed.get(x)) as Tensor);
    const stack = stackedProduct(inner, outer, [at]);
    const parameter = regionParameter(inner.outputs[0], "product");
    made.push({ parameter, stack });
    replaced.set(inner.outputs[0], parameter);
    stacks.set(parameter, stack);
  }
  if (made.length === 0) return undefined;
  const insert = (list: readonly Tensor[], more: readonly Tensor[]): Tensor[] => [
    ...list.slice(0, first),
    ...more,
    ...list.slice(first),
  ];
  const body = {
    parameters: insert(
      parameters,
      made.map(m => m.parameter),
    ),
    results: replaceWithin(results, replaced),
  };
  const given = insert(
    operands,
    made.map(m => m.stack),
  );
  return createNode(node.op, given, { ...attrs, sequences: sequences + made.length }, [body]).outputs;
}

/**
 * A stack of products vₜ·W, or of sums of them, that no step reads is made after the loop, which stacks v instead: the
 * cotangents of a sequence that was multiplied.
 * @returns values for the outputs of the loop; undefined where it has no such stack
 */
export function batchOutputs(node: Node, operands: readonly Tensor[]): readonly Tensor[] | undefined {
  const attrs = node.attrs as ScanAttrs;
  if (!computesAhead(attrs)) return undefined;
  const { carries, sequences } = attrs;
  const [{ parameters, results }] = node.regions;
  const first = carries + sequences;
  const fixed = new Map(parameters.slice(first).map((p, k) => [p, operands[first + k]]));
  const uses = usesIn(results);
  const productsOf = (result: Tensor): Node[] | undefined => {
    const terms = termsOf(result, uses).map(t => t.node);
    const late = terms.every(
      t =>
        uses.get(t.outputs[0]) === 1 &&
        givenFactor(
          t,
          x => !fixed.has(x),
          x => fixed.has(x),
        ) !== undefined,
    );
    return late ? terms : undefined;
  };
  const late = results.map((result, k) => (k < carries ? undefined : productsOf(result)));
  if (!late.some(l => l)) return undefined;
  const isFixed = (x: Tensor): boolean => fixed.has(x);
  const factors = new Set(late.flatMap(l => (l ?? []).map(p => p.operands.find(x => !isFixed(x)) as Tensor)));
  const sequenceOf = (x: Tensor): Tensor | undefined => {
    const at = parameters.indexOf(x);
    return at >= carries && at < first ? operands[at] : undefined;
  };
  const kept = results.filter((_, k) => !late[k]);
  const stacked = [...factors].filter(f => !sequenceOf(f) && !kept.slice(carries).includes(f));
  const all = [...kept, ...stacked];
  const loop = createNode(node.op, operands, attrs, [{ parameters, results: all }]);
  const stackOf = (x: Tensor): Tensor => sequenceOf(x) ?? loop.outputs[all.indexOf(x, carries)];
  let next = 0;
  return late.map(products => {
    if (!products) return loop.outputs[next++];
    return products
      .map(p => {
        const at = p.operands.findIndex(x => !isFixed(x));
        const outer = p.operands.map(x => fixed.get(x) ?? stackOf(x));
        return stackedProduct(p, outer, [at]);
      })
      .reduce(plus);
  });
}
