import { regionParameter } from "../graph/leaves.ts";
import { createNode, type Node } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { invariant, present } from "../shared/errors.ts";
import { closeRegion, isFree, replaceWithin } from "./closure.ts";
import type { ScanAttrs } from "./region.ts";

/** A carry of the second loop: its start, its parameter in the body, and what the body makes of it. */
export interface LinearCarry {
  readonly init: Tensor;
  readonly parameter: Tensor;
  readonly result: Tensor;
}

/** What a derivative of a loop adds to the values of its body. Captures stand for outer values. */
export interface LinearLoop {
  readonly carries: readonly LinearCarry[];
  readonly sequences: readonly { readonly stack: Tensor; readonly parameter: Tensor }[];
  readonly captures: readonly { readonly value: Tensor; readonly parameter: Tensor }[];
  /** Stacked results. */
  readonly outs: readonly Tensor[];
  readonly reverse: boolean;
}

interface Reads {
  /** Values of the first loop's body that it has to stack. */
  readonly saved: readonly Tensor[];
  /** Parameters of the body that stand for sequences and captures. */
  readonly parameters: ReadonlySet<Tensor>;
}

/**
 * What `roots` read of the body of `node`: the frontier between the body's own values and what is built on them. Views
 * and constants are not worth saving; what they view is. With checkpoints only carries are saved.
 */
function readsOf(node: Node, roots: readonly Tensor[], { carries, checkpoint }: ScanAttrs): Reads {
  const [region] = node.regions;
  const body = new Set(checkpoint ? [] : topological(region.results));
  const own = new Set(region.parameters);
  const carried = new Set(region.parameters.slice(0, carries));
  const saved = new Set<Tensor>();
  const parameters = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const stack = [...roots].reverse();
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (carried.has(value)) saved.add(value);
    else if (own.has(value)) parameters.add(value);
    else if (body.has(value.node) && !isFree(value.node)) saved.add(value);
    else for (let k = value.node.operands.length - 1; k >= 0; k--) stack.push(value.node.operands[k]);
  }
  return { saved: [...saved], parameters };
}

/** The value that says how many steps a loop runs, where it may stop early. */
function stepsOf(loop: Node, { carries, sequences, counted }: ScanAttrs): Tensor | undefined {
  const ends = loop.regions.length > 1;
  invariant(!ends || counted, "a loop that nobody counts is differentiated");
  if (ends) return loop.outputs[carries - 1];
  return counted ? loop.operands[carries + sequences] : undefined;
}

/**
 * Runs a derivative of the loop `node` as a second loop, of as many steps. Its body is given in terms of the values of the first body and
 * parameters of its own; the first loop is made anew to stack what the second one reads (mergeScans makes one of it and
 * the original).
 * @param scan the op of the second loop
 * @returns the final carries and the stacks
 */
export function linearScan(
  scan: Op,
  node: Node,
  attrs: ScanAttrs,
  linear: LinearLoop,
): { carries: Tensor[]; outs: Tensor[] } {
  const [region] = node.regions;
  const roots = [...linear.carries.map(c => c.result), ...linear.outs];
  const { saved, parameters } = readsOf(node, roots, attrs);

  const stacked = [...new Set([...region.results.slice(attrs.carries), ...saved])];
  const fresh = stacked.slice(new Set(region.results.slice(attrs.carries)).size);
  const first =
    fresh.length === 0
      ? node
      : createNode(node.op, node.operands, node.attrs, [
          { ...region, results: [...region.results, ...fresh] },
          ...node.regions.slice(1),
        ]);
  const [firstRegion] = first.regions;
  const stackOf = (value: Tensor): Tensor => {
    const at = firstRegion.results.indexOf(value, attrs.carries);
    return present(first.outputs[at], "a residual is not stacked");
  };

  const substitution = new Map<Tensor, Tensor>();
  const sequences = [...linear.sequences];
  for (const value of saved) {
    const parameter = regionParameter(value, "residual");
    substitution.set(value, parameter);
    sequences.push({ stack: stackOf(value), parameter });
  }
  region.parameters.forEach((old, k) => {
    if (!parameters.has(old)) return;
    if (k >= attrs.carries + attrs.sequences) {
      substitution.set(old, node.operands[k]);
      return;
    }
    const parameter = regionParameter(old, String(old.node.attrs.name));
    substitution.set(old, parameter);
    sequences.push({ stack: node.operands[k], parameter });
  });
  for (const { value, parameter } of linear.captures) substitution.set(parameter, value);

  const { carries } = linear;
  const count = stepsOf(first, attrs);
  const steps = count ? [count] : [];
  const { region: body, captures } = closeRegion(
    [...[...carries, ...sequences].map(part => part.parameter), ...steps.map(n => regionParameter(n, "steps"))],
    replaceWithin(roots, substitution),
  );
  const second = createNode(
    scan,
    [...carries.map(c => c.init), ...sequences.map(s => s.stack), ...steps, ...captures],
    {
      carries: carries.length,
      sequences: sequences.length,
      captures: steps.length + captures.length,
      length: attrs.length,
      reverse: linear.reverse,
      checkpoint: attrs.checkpoint,
      ...(count ? { counted: true } : {}),
    },
    [body],
  );
  return { carries: second.outputs.slice(0, carries.length), outs: second.outputs.slice(carries.length) };
}
