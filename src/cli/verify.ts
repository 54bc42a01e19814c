import { expandRequests, isGradient } from "../autodiff/index.ts";
import { evaluateGraph } from "../graph/evaluate.ts";
import { inputOp, paramOp } from "../graph/leaves.ts";
import { createNode, type Node } from "../graph/node.ts";
import type { NdArray } from "../graph/op.ts";
import { type ProgramGraph, rootsOf } from "../graph/program-graph.ts";
import { nameOf, withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { UserNames } from "../inspect/source-names.ts";
import type { Net, NetFunction } from "../program/net-type.ts";
import { type FunctionDeclaration, type Functions, Program } from "../program/program.ts";
import { type Dim, dimSymbols, resolveDim } from "../shared/dim.ts";
import { allocate, isFloat, type TypedArray } from "../shared/dtype.ts";
import { present } from "../shared/errors.ts";
import { formatType, resolveShape } from "../shared/shape.ts";
import { widen } from "./widen.ts";

/** One gradient against central differences. */
export interface Check {
  /** The result that is differentiated, and for what, in the user's names. */
  readonly of: string;
  readonly parameter: string;
  readonly type: string;
  readonly directions: number;
  /** The largest |computed − numeric| over the size of the gradient along a direction. */
  readonly relativeError: number;
}

/** Compiles a program; the composition root gives it. */
export type Compiler = (graph: ProgramGraph, make: (graph: ProgramGraph) => Program<Functions>) => Net<Functions>;

const MAX_DIRECTIONS = 12;
const STEPS = [1e-5, 1e-6, 1e-7];

/** Deterministic numbers in [0, 1): xorshift32. */
function randomNumbers(seed: number): () => number {
  let state = (seed * 2654435761 + 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** Below what an integer leaf has to stay where it is used as an index: all bounds that it has. */
function indexBounds(leaf: Tensor, order: readonly Node[]): Dim[] {
  const base = (value: Tensor): Tensor => {
    let current = value;
    while (current.node.operands.length === 1) [current] = current.node.operands;
    return current;
  };
  return order.flatMap(node =>
    (node.op.indexBounds?.(node) ?? []).flatMap(({ operand, below }) =>
      base(node.operands[operand]) === leaf ? [below] : [],
    ),
  );
}

/** Values for every leaf: defaults, first values (parameters moved a little off ties), else random ones. */
class Values {
  readonly env: Record<string, number> = {};
  private readonly initial = new Map<Tensor, NdArray>();
  private readonly order: readonly Node[];
  private readonly random: () => number;

  constructor(graph: ProgramGraph, order: readonly Node[], seed: number) {
    this.order = order;
    this.random = randomNumbers(seed);
    const symbols = dimSymbols(order.flatMap(n => n.outputs.flatMap(o => o.shape)));
    symbols.forEach((s, i) => {
      this.env[s.name] = Math.min(s.max, 3 + i);
    });
    const seeds: NdArray = { dtype: "u32", shape: [], data: Uint32Array.of(seed) };
    const roots = expandRequests(graph.variables.map(v => v.initial));
    const results = evaluateGraph(roots, new Map([[graph.seed, seeds]]));
    graph.variables.forEach((v, i) => {
      this.initial.set(v.value, results[i]);
    });
  }

  of(leaf: Tensor, low: number): NdArray {
    const dtype = isFloat(leaf.dtype) ? "f64" : leaf.dtype;
    const shape = resolveShape(leaf.shape, this.env);
    const data = allocate(
      dtype,
      shape.reduce((p, n) => p * n, 1),
    );
    const first = this.initial.get(leaf);
    const moved = leaf.node.op === paramOp ? 0.1 : 0;
    const { default: fallback } = leaf.node.attrs;
    const bounds = indexBounds(leaf, this.order).map(bound => resolveDim(bound, this.env));
    const below = bounds.length > 0 ? Math.min(...bounds) : leaf.dtype === "i32" ? 3 : 2;
    for (let i = 0; i < data.length; i++) {
      const noise = this.random();
      if (first) data[i] = first.data[i] + moved * (noise - 0.5);
      else if (typeof fallback === "number") data[i] = fallback;
      else if (isFloat(leaf.dtype)) data[i] = low + (1 - low) * noise;
      else data[i] = leaf.dtype === "u32" && bounds.length === 0 ? noise * 2 ** 32 : Math.floor(noise * below);
    }
    return { dtype, shape, data };
  }
}

/** Directions of length 1: along each element where there are few, else random corners of a cube. */
function directionsFor(length: number, random: () => number): Float64Array[] {
  return Array.from({ length: Math.min(length, MAX_DIRECTIONS) }, (_, d) =>
    Float64Array.from({ length }, (_unused, i) => {
      if (length <= MAX_DIRECTIONS) return i === d ? 1 : 0;
      return (random() < 0.5 ? -1 : 1) / Math.sqrt(length);
    }),
  );
}

const dot = (a: TypedArray, b: TypedArray): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/**
 * Compares every gradient that a program asks for with central differences. The program is brought to f64; gradients go
 * through the whole compiler, the differences are of the graph's own naive evaluation.
 */
export function verifyProgram(graph: ProgramGraph, seed: number, compile: Compiler): Check[] {
  const roots = graph.functions.flatMap(rootsOf);
  const order = topological(roots);
  const requests = order.filter(isGradient);
  const names = new UserNames(graph);
  const wide = widen(roots);
  const widened = (v: Tensor): Tensor => present(wide.get(v));
  return requests.flatMap(request => {
    const [y, cotangent, ...targets] = request.operands;
    const leaves = topological([y, cotangent, ...targets]).flatMap(n => (n.op.nominal ? n.outputs : []));
    const outputs = request.outputs.map((g, i) => ({ name: `g${i}`, value: widened(g) }));
    const net = compile(gradientProgram(leaves.map(widened), outputs), g => new Program(g));
    const [wideY, wideCotangent] = expandRequests([widened(y), widened(cotangent)]);
    for (const low of [-1, 0.1]) {
      const values = new Values(graph, order, seed);
      const feeds = new Map(leaves.map(leaf => [widened(leaf), values.of(leaf, low)]));
      const inputs = Object.fromEntries([...feeds].map(([leaf, v]) => [leaf.node.attrs.name, v.data]));
      const gradients = (net.run as NetFunction<FunctionDeclaration>)(inputs as never) as Record<string, unknown>;
      const cotangents = evaluateGraph([wideCotangent], feeds, values.env)[0];
      const f = (target: Tensor, at: NdArray): number =>
        dot(evaluateGraph([wideY], new Map([...feeds, [target, at]]), values.env)[0].data, cotangents.data);
      const checks = targets.map((target, i): Check => {
        const [x] = evaluateGraph([widened(target)], feeds, values.env);
        const result = gradients[`g${i}`];
        const gradient = typeof result === "number" ? Float64Array.of(result) : (result as TypedArray);
        const directions = directionsFor(x.data.length, randomNumbers(seed + i + 1));
        const errors = directions.map(d => directionError(at => f(widened(target), at), x, gradient, d));
        return {
          of: names.of(y) ?? y.node.op.name,
          parameter: names.of(target) ?? nameOf(target) ?? target.node.op.name,
          type: formatType(target),
          directions: directions.length,
          relativeError: Math.max(0, ...errors),
        };
      });
      // Where the function is not defined for negative inputs, positive ones are tried.
      if (low > 0 || checks.every(c => Number.isFinite(c.relativeError))) return checks;
    }
    return [];
  });
}

/** |∇f·d − (f(x+hd) − f(x−hd)) / 2h| over the gradient's size; the best of some steps, for kinks may lie close. */
function directionError(f: (x: NdArray) => number, x: NdArray, gradient: TypedArray, d: Float64Array): number {
  const computed = dot(gradient, d);
  const size = Math.sqrt(dot(gradient, gradient));
  const moved = (h: number): NdArray => ({ ...x, data: Float64Array.from(d, (v, i) => x.data[i] + h * v) });
  let best = Number.POSITIVE_INFINITY;
  for (const h of STEPS) {
    const numeric = (f(moved(h)) - f(moved(-h))) / (2 * h);
    const scale = Math.max(Math.abs(computed), Math.abs(numeric), 1e-2 * size, 1e-8);
    const error = Math.abs(computed - numeric) / scale;
    if (error < best) best = error;
    if (best < 1e-6) break;
  }
  return best;
}

function gradientProgram(
  leaves: readonly Tensor[],
  outputs: readonly { readonly name: string; readonly value: Tensor }[],
): ProgramGraph {
  const seed = withOrigin(null, () => createNode(inputOp, [], { name: "seed", dtype: "u32", shape: [] })).outputs[0];
  return {
    name: "verify",
    functions: [{ name: "run", inputs: leaves, outputs, updates: [] }],
    variables: [],
    seed,
  };
}
