import { expandRequests } from "./autodiff/index.ts";
import { argumentError } from "./graph/arguments.ts";
import { currentSite } from "./graph/call-site.ts";
import { evaluateGraph } from "./graph/evaluate.ts";
import { inputOp } from "./graph/leaves.ts";
import { createNode } from "./graph/node.ts";
import type { NdArray } from "./graph/op.ts";
import { nameOf } from "./graph/provenance.ts";
import { Tensor } from "./graph/tensor.ts";
import { topological } from "./graph/traverse.ts";
import { leavesUnder } from "./program/checks.ts";
import { type Feed, readFeed } from "./program/feed.ts";
import { isRecord } from "./program/names.ts";
import type { OutputValue } from "./program/net-type.ts";

import { initialValue, isVariable } from "./program/variable.ts";
import type { DimEnvironment } from "./shared/dim.ts";
import { dimSymbols } from "./shared/dim.ts";
import { GradcError } from "./shared/errors.ts";
import { formatType } from "./shared/shape.ts";
import { leavesOf, mapTree, type Tree } from "./shared/tree.ts";

/** Numbers for Scalars and typed arrays (row-major) for tensors, in the tree of the outputs. */
export type Evaluated<T> = T extends Tensor
  ? OutputValue<T>
  : T extends object
    ? { [K in keyof T]: Evaluated<T[K]> }
    : never;

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

const failure = (code: "missing-input" | "unknown-name", problem: string, expected: string, received: string) => {
  const site = currentSite();
  return new GradcError(code, problem, { expected, received, sites: site ? [site] : [] });
};

/**
 * Computes values now, node by node, without compiling: for trying things out, for tests and for teaching.
 *
 * @example evaluate({ y: mul(x, 2) }, { x: [1, 2, 3] }) // { y: Float32Array [2, 4, 6] }
 * @param outputs one tensor, or tensors in records and arrays
 * @param feeds values of inputs by name: a number, a flat array in row-major order, or nested arrays; symbolic sizes
 *   follow from them. Parameters and state have their first values (of seed 0) unless fed by name.
 * @returns the same tree with a number for shape [] and otherwise a typed array of the dtype, in row-major order
 * @throws GradcError `missing-input`, `unknown-name`, `input-length`, `input-type`, `dimension`
 */
export function evaluate<const T extends Tree<Tensor>>(
  outputs: T,
  feeds: Readonly<Record<string, Feed>> = {},
): Evaluated<T> {
  const roots = leavesOf(outputs, isTensor, (value, path) => {
    const what = path === "" ? "the output" : `outputs.${path}`;
    throw argumentError("evaluate", `${what} is not a tensor`, "a tensor, or tensors in records and arrays", value);
  });
  if (!isRecord(feeds)) throw argumentError("evaluate", "the feeds are not a record", "{ x: [1, 2] }", feeds);
  const leaves = leavesUnder(roots);
  const names = new Set(leaves.map(l => nameOf(l)));
  for (const name of Object.keys(feeds)) {
    if (!names.has(name)) {
      throw failure(
        "unknown-name",
        `evaluate: nothing named ${JSON.stringify(name)} is used`,
        [...names].map(n => JSON.stringify(n)).join(", ") || "no feeds",
        JSON.stringify(name),
      );
    }
  }
  const env: Record<string, number> = Object.create(null);
  const values = new Map<Tensor, NdArray>();
  const unfed: Tensor[] = [];
  // Shapes of one symbol first: they tell the sizes that leave only one open in others.
  const symbols = (leaf: Tensor): number => dimSymbols(leaf.shape).length;
  for (const leaf of [...leaves].sort((a, b) => symbols(a) - symbols(b))) {
    const name = String(nameOf(leaf));
    const given = Object.hasOwn(feeds, name) ? feeds[name] : leaf.node.attrs.default;
    if (given !== undefined) values.set(leaf, readFeed(leaf, given as Feed, env));
    else if (isVariable(leaf)) unfed.push(leaf);
    else {
      throw failure(
        "missing-input",
        `evaluate: input ${JSON.stringify(name)} has no value`,
        formatType(leaf),
        "nothing",
      );
    }
  }
  for (const [leaf, value] of firstValues(unfed)) values.set(leaf, value);
  const results = run(roots, values, env);
  let next = 0;
  return mapTree(outputs, isTensor, () => {
    const { shape, data } = results[next++];
    return shape.length === 0 ? data[0] : data.slice();
  }) as Evaluated<T>;
}

/** Derivatives are requests until they are expanded. */
function run(roots: readonly Tensor[], feeds: ReadonlyMap<Tensor, NdArray>, env: DimEnvironment): NdArray[] {
  const expanded = expandRequests(roots);
  for (const symbol of dimSymbols(topological(expanded).flatMap(n => n.outputs.flatMap(o => o.shape)))) {
    if (env[symbol.name] === undefined) {
      throw failure(
        "missing-input",
        `evaluate: nothing tells the size of ${JSON.stringify(symbol.name)}`,
        `an input whose shape has ${symbol.name}`,
        "none",
      );
    }
  }
  return evaluateGraph(expanded, feeds, env);
}

/** The first values of variables for seed 0. */
function firstValues(variables: readonly Tensor[]): Map<Tensor, NdArray> {
  if (variables.length === 0) return new Map();
  const seed = createNode(inputOp, [], { name: "seed", dtype: "u32", shape: [] }).outputs[0] as Tensor<"u32">;
  const zero: NdArray = { dtype: "u32", shape: [], data: new Uint32Array(1) };
  const results = run(
    variables.map(v => initialValue(v, seed)),
    new Map([[seed as Tensor, zero]]),
    {},
  );
  return new Map(variables.map((v, i) => [v, results[i]]));
}
