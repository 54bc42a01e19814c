import type { DimEnvironment } from "../shared/dim.ts";
import { isFloat, type TypedArray } from "../shared/dtype.ts";
import { present } from "../shared/errors.ts";
import { resolveShape } from "../shared/shape.ts";
import { evaluateGraph } from "./evaluate.ts";
import type { Region } from "./node.ts";
import type { NdArray } from "./op.ts";
import { nameOf } from "./provenance.ts";
import type { Tensor } from "./tensor.ts";
import { topological } from "./traverse.ts";

export const allFinite = ({ dtype, data }: NdArray): boolean =>
  !isFloat(dtype) || (data as TypedArray as Float32Array).every(Number.isFinite);

/** Where a value that is not finite comes from. */
export interface FirstBad {
  readonly at: Tensor;
  /** `NaN from log(-1), h, element 2` */
  readonly text: string;
  /** The loops it lies in, innermost first: `in round 3 of scan`. */
  readonly rounds: readonly string[];
  /** The value in the graph it lies in, with its results; then the loop in the graph around that, and so on. */
  readonly frames: readonly { readonly at: Tensor; readonly roots: readonly Tensor[] }[];
}

/**
 * Evaluates a graph and follows the first of its results that is not finite back along operands that are not, into the
 * bodies of loops, to the operation where that began.
 */
export function firstBad(
  roots: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, NdArray>,
  env: DimEnvironment,
): FirstBad | undefined {
  const all = topological(roots).flatMap(node => node.outputs);
  const arrays = evaluateGraph(all, feeds, env);
  const values = new Map(all.map((t, i) => [t, arrays[i]]));
  const arrayOf = (t: Tensor): NdArray => present(values.get(t));
  const isBad = (t: Tensor): boolean => !allFinite(arrayOf(t));
  let at = roots.find(isBad);
  if (!at) return undefined;
  for (;;) {
    // Constants may well be infinite.
    const next: Tensor | undefined = at.node.operands.find(
      o => isBad(o) && (o.node.op.nominal || o.node.operands.length > 0),
    );
    if (!next) break;
    at = next;
  }
  const inner = inBody(at, arrayOf, env);
  if (inner) return { ...inner, frames: [...inner.frames, { at, roots }] };
  return { at, text: textOf(at, arrayOf), rounds: [], frames: [{ at, roots }] };
}

/** Runs the body of a loop round by round until a result is not finite, and looks for the cause in that round. */
function inBody({ node }: Tensor, arrayOf: (t: Tensor) => NdArray, env: DimEnvironment): FirstBad | undefined {
  if (node.regions.length === 0) return undefined;
  const counts = new Map<Region, number>();
  let found: FirstBad | undefined;
  const runRegion = (region: Region, args: readonly NdArray[]): NdArray[] => {
    const round = (counts.get(region) ?? 0) + 1;
    counts.set(region, round);
    const feeds = new Map(region.parameters.map((p, i) => [p, args[i]]));
    const results = evaluateGraph(region.results, feeds, env);
    if (!found && !results.every(allFinite)) {
      const inner = firstBad(region.results, feeds, env);
      found = inner && { ...inner, rounds: [...inner.rounds, `in round ${round} of ${node.op.name}`] };
    }
    return results;
  };
  const outputs = node.outputs.map(o => ({ dtype: o.dtype, shape: resolveShape(o.shape, env) }));
  node.op.evaluate(node.operands.map(arrayOf), node.attrs, { env, outputs, runRegion }, node);
  return found;
}

function textOf(at: Tensor, arrayOf: (t: Tensor) => NdArray): string {
  const { data } = arrayOf(at);
  const element = Array.from(data).findIndex(x => !Number.isFinite(x));
  const operands = at.node.operands.map(o => {
    const { data: own } = arrayOf(o);
    return own.length === data.length || own.length === 1
      ? String(own[own.length === 1 ? 0 : element])
      : `${nameOf(o) ?? o}`;
  });
  const name = nameOf(at);
  return `${data[element]} from ${at.node.op.name}(${operands.join(", ")})${name ? `, ${name}` : ""}, element ${element}`;
}
