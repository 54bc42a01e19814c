import { Interner, withInterner } from "../graph/node.ts";
import { type FunctionGraph, rootsOf, withRoots } from "../graph/program-graph.ts";
import { withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { after } from "../kinds/after.ts";
import { replaceWithin } from "../kinds/closure.ts";
import { BYTES } from "../shared/dtype.ts";
import { maxSizeOf } from "../shared/shape.ts";
import { cluster } from "./cluster.ts";
import { baseOf, materialise } from "./materialise.ts";

/** A stored value by the kernels that make and read it. */
interface Life {
  readonly value: Tensor;
  readonly bytes: number;
  readonly made: number;
  /** Increasing. */
  readonly reads: readonly number[];
}

/** Values that are alive while most is, made before and read after: what may be computed again instead. */
export interface Residuals {
  readonly roots: readonly Tensor[];
  /** The kernel during which most is alive. */
  readonly peak: number;
  /** All stored values made up to then. */
  readonly early: readonly Life[];
  /** Those that wait for what comes after, in the order in which they are made. */
  readonly waiting: readonly Life[];
  /** The latest value made after the peak and before a kernel. */
  latestBefore(kernel: number): Tensor | undefined;
}

const isGiven = (value: Tensor): boolean =>
  value.node.op.nominal || (value.node.operands.length === 0 && ArrayBuffer.isView(value.node.attrs.data));

/** Looks at the kernels that a function would have. */
function lookAt(roots: readonly Tensor[]): Residuals {
  const m = materialise(roots, isGiven, true);
  const { clusters, clusterOf, reads } = cluster(m, isGiven);
  const position = new Map(clusters.map((c, k) => [c, k]));
  const madeAt = (value: Tensor): number | undefined => {
    const home = clusterOf.get(value);
    return home && position.get(home);
  };
  const readAt = new Map<Tensor, Set<number>>();
  for (const [node, records] of reads) {
    const at = madeAt(node.outputs[0]) ?? 0;
    for (const { value } of records) readAt.set(value, (readAt.get(value) ?? new Set()).add(at));
  }
  // Results stay to the end: nothing is won by computing them again.
  const kept = new Set(roots.map(baseOf));
  const lives = m.order
    .flatMap(n => n.outputs)
    .filter(v => m.stored.has(v) && !kept.has(v))
    .map((value): Life => {
      const made = madeAt(value) ?? 0;
      const at = [...(readAt.get(value) ?? [])].filter(k => k !== made).sort((a, b) => a - b);
      return { value, bytes: maxSizeOf(value.shape) * BYTES[value.dtype], made, reads: at };
    });
  const alive = new Array<number>(clusters.length + 1).fill(0);
  for (const { bytes, made, reads: at } of lives) {
    if (at.length > 0) for (let k = made; k <= at[at.length - 1]; k++) alive[k] += bytes;
  }
  const peak = alive.indexOf(Math.max(...alive));
  const early = lives.filter(l => l.made <= peak);
  const waiting = early.filter(l => l.made < peak && l.reads.some(k => k > peak) && !l.reads.includes(peak));
  const late = lives.filter(l => l.made > peak);
  return {
    roots,
    peak,
    early,
    waiting,
    latestBefore: kernel => late.findLast(l => l.made < kernel)?.value,
  };
}

/** One stretch of kernels whose waiting values are computed again. */
interface Stretch {
  readonly lives: readonly Life[];
  /** The first kernel that reads one of them after the peak. */
  readonly needed: number;
}

/** The waiting values in stretches of about equal size, the first made first. */
function stretches({ waiting, peak }: Residuals, count: number): Stretch[] {
  const total = waiting.reduce((sum, l) => sum + l.bytes, 0);
  const lists: Life[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const life of waiting) {
    lists[Math.min(count - 1, Math.floor((before / total) * count))].push(life);
    before += life.bytes;
  }
  return lists
    .filter(lives => lives.length > 0)
    .map(lives => ({ lives, needed: Math.min(...lives.flatMap(l => l.reads.filter(k => k > peak))) }));
}

/** What the values of a stretch are computed from: given and stored values that are made before it. */
function sourcesOf(values: readonly Tensor[], inside: ReadonlySet<Tensor>, stored: ReadonlySet<Tensor>): Set<Tensor> {
  const sources = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const stack = [...values];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (value.node.op.nominal || (stored.has(value) && !inside.has(value))) sources.add(value);
    else for (const o of value.node.operands) stack.push(o);
  }
  return sources;
}

/**
 * The roots with the values of the first `again` of `count` stretches computed anew where they are needed after the
 * peak, from what was made before each stretch.
 */
function computeAgain(r: Residuals, count: number, again: number): readonly Tensor[] {
  const chosen = stretches(r, count).slice(0, again);
  const stored = new Set(r.early.map(l => l.value));
  const inside = chosen.map(({ lives }) => {
    const [first, last] = [lives[0].made, lives[lives.length - 1].made];
    return new Set(r.early.filter(l => l.made >= first && l.made <= last).map(l => l.value));
  });
  const kept = new Set(
    chosen.flatMap(({ lives }, k) => {
      const values = lives.map(l => l.value);
      return [...sourcesOf(values, inside[k], stored)];
    }),
  );
  // What stays is not looked below; what goes gets its copy, the part of the graph that needs it first.
  const substitution = new Map([...stored].map(v => [v, v]));
  const order = chosen.map((_, k) => k).sort((a, b) => chosen[a].needed - chosen[b].needed);
  for (const k of order) {
    const gone = chosen[k].lives.map(l => l.value).filter(v => !kept.has(v));
    const awaited = r.latestBefore(chosen[k].needed);
    if (!awaited || gone.length === 0) continue;
    const fence = replaceWithin([awaited], substitution);
    const again = new Set([...inside[k]].filter(v => !kept.has(v)));
    const sources = new Map([...sourcesOf(gone, again, stored)].map(s => [s, after(s, fence)]));
    replaceWithin(gone, sources).forEach((copy, i) => {
      substitution.set(gone[i], copy);
    });
  }
  return replaceWithin(r.roots, substitution);
}

/** A function whose waiting values may be computed again. */
export interface Fitting {
  /** How many values wait while most is alive. */
  readonly waiting: number;
  /** With those of the first `again` of `count` stretches computed again. */
  rebuilt(count: number, again: number): FunctionGraph;
}

export function fitting(f: FunctionGraph): Fitting {
  const residuals = lookAt(rootsOf(f));
  return {
    waiting: residuals.waiting.length,
    // Equal nodes are one: what a copy waits for is found again in the graph that needs the copy.
    rebuilt: (count, again) =>
      withRoots(
        f,
        withOrigin(null, () => withInterner(new Interner(), () => computeAgain(residuals, count, again))),
      ),
  };
}
