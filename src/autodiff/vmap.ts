import { argumentError, callError, checkFunction, checkOptions } from "../graph/arguments.ts";
import { regionParameter } from "../graph/leaves.ts";
import { nameOf, oneCall } from "../graph/provenance.ts";
import { Tensor } from "../graph/tensor.ts";
import { batchGraph, moveAxis } from "../kinds/batch.ts";
import type { Tensors } from "../ops/region-values.ts";
import { describe } from "../shared/describe.ts";
import { type Dim, dimEquals } from "../shared/dim.ts";
import { formatType, normalizeAxis } from "../shared/shape.ts";
import { leavesOf, mapTree, type Tree } from "../shared/tree.ts";

/** An axis for all tensors of a tree (null: they are the same for every example), or axes in the form of the tree. */
export type Axes = number | null | readonly Axes[] | { readonly [key: string]: Axes };

export interface VmapOptions {
  /** Where the batch stands: one axis for all arguments, or an entry for each. Negative axes count from the back. Default 0. */
  readonly in?: Axes;
  /** Where it stands in the results. Default 0. */
  readonly out?: Axes;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const TREE = "tensors, in arrays and records nested at will";

/** The axis for each leaf of a tree. */
function axesFor(what: string, axes: unknown, tree: unknown): (number | null)[] {
  if (axes === null || typeof axes === "number") return leavesOf(tree, isTensor).map(() => axes);
  if (typeof axes === "object" && typeof tree === "object" && tree !== null && !isTensor(tree)) {
    const [a, t] = [axes, tree].map(record => new Map(Object.entries(record)));
    if (a.size === t.size && [...t.keys()].every(key => a.has(key))) {
      return [...t].flatMap(([key, part]) => axesFor(`${what}.${key}`, a.get(key), part));
    }
  }
  throw argumentError("vmap", `${what} does not fit the tensors`, "an axis, null, or these in the tensors' form", axes);
}

function axisWithin(what: string, axis: number, rank: number, value: Tensor): number {
  const normal = normalizeAxis(axis, rank);
  if (normal !== undefined) return normal;
  throw callError("attribute", `vmap: ${what} has no axis ${axis}`, {
    expected: rank === 0 ? "null: a scalar is the same for every example" : `an integer from ${-rank} to ${rank - 1}`,
    received: `${axis} for ${formatType(value)}`,
  });
}

/** The examples of a batch: the values with their batch in front, and its size. */
function readBatch(args: readonly unknown[], axes: unknown): { batches: (Tensor | null)[]; size: Dim } {
  const leaves = leavesOf(args, isTensor, (value, path) => {
    throw argumentError("vmap", `argument ${path} is not a tensor`, TREE, value);
  });
  const places = axesFor("in", axes, args);
  let first: { size: Dim; of: Tensor } | undefined;
  const batches = leaves.map((value, k) => {
    const axis = places[k];
    if (axis === null) return null;
    const at = axisWithin("an argument", axis, value.rank, value);
    const size = value.shape[at];
    first ??= { size, of: value };
    if (!dimEquals(size, first.size)) {
      throw callError("shape", `vmap: batches of different sizes: ${first.size} and ${size}`, {
        expected: "one size along the axes that are mapped over",
        received: `${formatType(first.of)} and ${formatType(value)}, axis ${at}`,
      });
    }
    return moveAxis(value, at, 0);
  });
  if (first) return { batches, size: first.size };
  throw argumentError("vmap", "no argument has a batch", "an axis for at least one argument", axes);
}

/**
 * The function of one example as a function of a batch: it is called once, with placeholders that lack the axis of the
 * batch, and what it builds is built for all examples at once. Derivatives inside are those of each example, so that
 * vmap of grad gives a gradient for each. What the function closes over is the same for every example.
 * @param f takes and returns tensors in arrays and records
 * @example
 * const perExample = vmap((x: Tensor<"f32">, t: Scalar<"f32">) => grad(loss(x, t), w))(inputs, targets);
 * @returns a function of the batch; its results have the axis of the batch at `out`
 * @throws GradcError `attribute` for an axis that a tensor lacks, `shape` where batches differ in size
 */
export function vmap<Args extends readonly unknown[], R extends Tree<Tensor>>(
  f: (...args: Args) => R,
  options: VmapOptions = {},
): (...args: Tensors<Args> extends readonly unknown[] ? Tensors<Args> : never) => Tensors<R> {
  checkFunction("vmap", "the first argument", f);
  checkOptions("vmap", options, ["in", "out"]);
  const { in: axes = 0, out = 0 } = options;
  return (...args) => {
    const { batches, size } = readBatch(args, axes);
    let next = 0;
    const given = new Map<Tensor, Tensor>();
    const examples = mapTree(args, isTensor, (value, path) => {
      const batch = batches[next++];
      if (!batch) return value;
      const { dtype, shape } = batch;
      const example = regionParameter({ dtype, shape: shape.slice(1) }, nameOf(value) ?? `argument ${path}`);
      given.set(example, batch);
      return example;
    }) as unknown as Args;
    const results = f(...examples);
    const flat = leavesOf(results, isTensor, value => {
      throw callError("region", "vmap: the function does not return tensors", {
        expected: TREE,
        received: describe(value),
        mend: "Return tensors; make plain numbers tensors with constant(value).",
      });
    });
    const places = axesFor("out", out, results);
    const made = oneCall(() =>
      batchGraph(flat, given, size).map((batch, k) =>
        moveAxis(batch, 0, axisWithin("a result", places[k] ?? Number.NaN, batch.rank, batch)),
      ),
    );
    let at = 0;
    return mapTree(results, isTensor, () => made[at++]) as Tensors<R>;
  };
}
