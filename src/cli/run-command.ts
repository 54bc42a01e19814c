import type { TargetName } from "../compile.ts";
import { compileSync } from "../compile-sync.ts";
import { nameOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { NumericMode } from "../loop/ir.ts";
import { type Feed, readFeed } from "../program/feed.ts";
import type { NetFunction } from "../program/net-type.ts";
import type { FunctionDeclaration, Functions, Program } from "../program/program.ts";
import { dimSymbols } from "../shared/dim.ts";
import type { TypedArray } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { resolveShape } from "../shared/shape.ts";
import { isRecord, writeTensor } from "./eval-values.ts";
import { readJson, readWeights } from "./files.ts";

export interface RunFlags {
  readonly inputs?: string;
  readonly params?: string;
  readonly target?: TargetName;
  readonly mode: NumericMode;
  readonly seed: number;
}

/** Runs one function once and returns its outputs as JSON: numbers, and tensors with dtype, shape and data. */
export function runCommand(program: Program, name: string, flags: RunFlags): string {
  const fn = program.graph.functions.find(f => f.name === name);
  if (!fn) {
    throw new GradcError("unknown-name", `${program.name} has no function ${JSON.stringify(name)}`, {
      expected: program.graph.functions.map(f => f.name).join(", "),
      received: name,
    });
  }
  const given = flags.inputs === undefined ? {} : readJson(flags.inputs);
  if (!isRecord(given)) {
    throw new GradcError("parse", `${flags.inputs}: not an object of inputs by name`, {
      expected: '{ "x": [1, 2, 3] }',
      received: Array.isArray(given) ? "an array" : String(given),
      mend: "Write one array or number per input; arrays may be nested.",
    });
  }
  const env = sizesIn(given, fn.inputs);
  const inputs: Record<string, unknown> = { ...given };
  for (const leaf of fn.inputs) {
    const own = String(nameOf(leaf));
    const value = given[own];
    if (value === undefined) continue;
    const { data, shape } = readFeed(leaf, value as Feed, env);
    inputs[own] = shape.length === 0 ? data[0] : data;
  }
  const { target, mode, seed } = flags;
  const net = compileSync(program as Program<Functions>, { mode, seed, only: [name], ...(target ? { target } : {}) });
  if (flags.params !== undefined) net.restore(readWeights(flags.params), { strict: false });
  const call = net[name] as NetFunction<FunctionDeclaration>;
  // Sizes that nested arrays tell and lengths alone might not.
  const results = call({ ...env, ...inputs } as never) as Readonly<Record<string, number | TypedArray>>;
  const outputs = fn.outputs.map(o => {
    const result = results[o.name];
    if (typeof result === "number") return [o.name, Number.isFinite(result) ? result : String(result)];
    return [o.name, writeTensor(o.value.dtype, resolveShape(o.value.shape, env), result)];
  });
  return `${JSON.stringify(Object.fromEntries(outputs), null, 1)}\n`;
}

/** Sizes that are given beside the inputs, by the names of their dims. */
function sizesIn(given: Readonly<Record<string, unknown>>, inputs: readonly Tensor[]): Record<string, number> {
  const dims = dimSymbols(inputs.flatMap(i => i.shape));
  const named = dims.map(d => [d.name, given[d.name]] as const);
  return Object.fromEntries(
    named.filter(
      (pair): pair is [string, number] => typeof pair[1] === "number" && !inputs.some(i => nameOf(i) === pair[0]),
    ),
  );
}
