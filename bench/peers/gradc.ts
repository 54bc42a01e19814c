import { compileSync } from "../../src/index.ts";
import type { TypedArray } from "../../src/shared/dtype.ts";
import { maxSizeOf } from "../../src/shared/shape.ts";
import { type Feeds, functionOf, SEED, type Workload } from "../workloads/index.ts";
import type { Contender, Library, Start } from "./contender.ts";
import type { HostTensor } from "./ops.ts";

/** Different arguments that calls go through in turn. */
export const FEEDS = 8;

/** Feeds and initial weights, which all contenders share. */
export function startOf(workload: Workload): Start {
  const program = workload.declare();
  const net = compileSync(program, { target: "js", seed: SEED });
  const params = program.graph.variables.filter(v => v.role === "param");
  const weights = params.map(({ name, value }): [string, HostTensor] => {
    const values = Float32Array.from(net.variables[name].get());
    return [name, { values, shape: value.shape.map(size => maxSizeOf([size])) }];
  });
  net.close();
  const feeds = Array.from({ length: FEEDS }, (_, call) => workload.feeds(call));
  return { workload, weights: Object.fromEntries(weights), feeds };
}

interface Callable {
  (feeds: Feeds): Record<string, number | TypedArray>;
  run(): void;
  readonly inputs: Record<string, TypedArray>;
  readonly outputs: Record<string, TypedArray>;
}

/**
 * gradc in WebAssembly. `call`: inputs are copied in and results out. `resident`: inputs and results stay in its memory.
 */
export const gradc = (how: "call" | "resident", name = "gradc"): Library => ({
  name,
  async start({ workload, weights, feeds }: Start): Promise<Contender> {
    const net = compileSync(workload.declare(), { target: "wasm", seed: SEED });
    // Before every turn: a network that knows its batches by heart has moments that are denormal numbers, which
    // processors compute several times slower.
    const enter = (): void => {
      net.reset(SEED);
      for (const [variable, { values }] of Object.entries(weights)) net.variables[variable].set(values);
    };
    enter();
    const fn = (net as unknown as Record<string, Callable>)[functionOf(workload)];
    const [output] = Object.keys(fn.outputs);
    const set = (feed: number): void => {
      for (const [input, values] of Object.entries(feeds[feed])) fn.inputs[input].set(values);
    };
    const result = async (feed: number): Promise<ArrayLike<number>> => {
      const value = fn(feeds[feed])[output];
      return typeof value === "number" ? [value] : value;
    };
    set(0);
    return { name, enter, result, run: how === "call" ? feed => void fn(feeds[feed]) : () => fn.run() };
  },
});
