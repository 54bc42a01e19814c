import { createNode, type Node, type Region } from "../../graph/node.ts";
import { mergeOrigins } from "../../graph/provenance.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../../graph/traverse.ts";
import { instantiate } from "../../kinds/closure.ts";
import { isLowerable } from "../../kinds/form.ts";
import type { ScanAttrs } from "../../kinds/region.ts";
import { fillValue } from "../constants.ts";

/** What is left of an op with bodies. */
interface Rest {
  /** Which operands. */
  readonly operands: readonly number[];
  /** Values for the outputs, from those of the operands that are left; undefined for what nobody reads. */
  make(operands: readonly Tensor[]): readonly (Tensor | undefined)[];
}

const indices = (count: number, keep: (k: number) => boolean): number[] =>
  Array.from({ length: count }, (_, k) => k).filter(keep);

/** The parameters that values are made of. */
const reached = (values: readonly Tensor[]): Set<Tensor> => new Set(topological(values).flatMap(n => n.outputs));

function restOfCond(node: Node, isUsed: (k: number) => boolean): Rest {
  const value = fillValue(node.operands[0]);
  const outputs = indices(node.outputs.length, isUsed);
  const spread = (made: readonly Tensor[]): (Tensor | undefined)[] =>
    node.outputs.map((_, k) => made[outputs.indexOf(k)]);
  const bodies = node.regions.map(({ parameters, results }): Region => {
    return { parameters, results: dropUnused(outputs.map(k => results[k])) };
  });
  if (value !== undefined) {
    // The choice is known.
    const operands = indices(node.operands.length, k => k > 0);
    return { operands, make: given => spread(instantiate(bodies[value === 0 ? 1 : 0], given)) };
  }
  const read = bodies.map(b => reached(b.results));
  const captures = indices(node.operands.length - 1, k => bodies.some((b, i) => read[i].has(b.parameters[k])));
  const regions = bodies.map(b => ({ parameters: captures.map(k => b.parameters[k]), results: b.results }));
  return {
    operands: [0, ...captures.map(k => k + 1)],
    make: given => spread(createNode(node.op, given, node.attrs, regions).outputs),
  };
}

/** Carries that somebody reads in the end, or on the way to what is read; captures that were carries and never change. */
function restOfLoop(node: Node, isUsed: (k: number) => boolean): Rest {
  const attrs = node.attrs as ScanAttrs;
  const { carries, sequences } = attrs;
  const first = carries + sequences;
  const [{ parameters, results }, condition] = node.regions;
  const end = condition && { ...condition, results: dropUnused(condition.results) };
  const asked = end ? reached(end.results) : new Set<Tensor>();
  const live = new Set(indices(results.length, k => isUsed(k) || (k < carries && asked.has(end?.parameters[k]))));
  for (let size = -1; size < live.size; ) {
    size = live.size;
    // Of loops inside too, only what is needed leads to a carry.
    const read = reached(dropUnused([...live].map(k => results[k])));
    for (let k = 0; k < carries; k++) if (read.has(parameters[k])) live.add(k);
  }
  const isFixed = (k: number): boolean => k < carries && results[k] === parameters[k];
  const outputs = indices(results.length, k => live.has(k) && !isFixed(k));
  const made = dropUnused(outputs.map(k => results[k]));
  const read = reached(made);
  const isRead = (k: number): boolean => read.has(parameters[k]) || (end !== undefined && asked.has(end.parameters[k]));
  const moving = outputs.filter(k => k < carries);
  const cut = indices(first, k => k >= carries && isRead(k));
  const captures = [
    ...indices(
      parameters.length,
      k => k >= first && (isRead(k) || (k === first && end === undefined && attrs.counted === true)),
    ),
    ...indices(carries, k => isFixed(k) && isRead(k)),
  ];
  const kept = [...moving, ...cut, ...captures];
  const fixed = indices(carries, k => isFixed(k) && isUsed(k));
  const { counted, ...rest } = attrs;
  const next = {
    ...rest,
    carries: moving.length,
    sequences: cut.length,
    captures: captures.length,
    ...(counted && (end === undefined || moving.includes(carries - 1)) ? { counted } : {}),
  };
  const regions = [
    { parameters: kept.map(k => parameters[k]), results: made },
    ...(end ? [{ parameters: kept.map(k => end.parameters[k]), results: end.results }] : []),
  ];
  return {
    operands: [...kept, ...fixed],
    make: given => {
      const loop = outputs.length === 0 ? undefined : createNode(node.op, given.slice(0, kept.length), next, regions);
      return node.outputs.map((_, k) =>
        fixed.includes(k) ? given[kept.length + fixed.indexOf(k)] : loop?.outputs[outputs.indexOf(k)],
      );
    },
  };
}

function restOf(node: Node, isUsed: (k: number) => boolean): Rest | undefined {
  if (node.regions.length === 0 || !isLowerable(node.op)) return undefined;
  const { form } = node.op.form(node);
  if (form === "cond") return restOfCond(node, isUsed);
  return form === "scan" ? restOfLoop(node, isUsed) : undefined;
}

/**
 * Ops with bodies without the outputs that nobody reads, what only these need, and operands that the bodies do not read;
 * carries that never change become captures, choices that are known one of their bodies.
 */
export function dropUnused(roots: readonly Tensor[]): readonly Tensor[] {
  const order = topological(roots);
  if (!order.some(n => n.regions.length > 0)) return roots;
  const used = new Set<Tensor>(roots);
  const rests = new Map<Node, Rest>();
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at];
    if (!node.outputs.some(o => used.has(o))) continue;
    const rest = restOf(node, k => used.has(node.outputs[k]));
    if (rest) rests.set(node, rest);
    for (const o of rest ? rest.operands.map(k => node.operands[k]) : node.operands) used.add(o);
  }
  return rebuild(roots, (node, operands) => {
    const rest = rests.get(node);
    if (!rest) {
      const dead = !node.outputs.some(o => used.has(o));
      return dead || operands.every((o, k) => o === node.operands[k])
        ? node.outputs
        : withOperands(node, operands).outputs;
    }
    const made = rest.make(rest.operands.map(k => operands[k]));
    return node.outputs.map((old, k) => {
      const output = made[k];
      if (output && !output.node.op.nominal) mergeOrigins(output, old);
      return output ?? old;
    });
  });
}
