import { type Input, inputOp, paramOp } from "../graph/leaves.ts";
import { createNode, Interner } from "../graph/node.ts";
import type { FunctionGraph, ProgramGraph, Variable } from "../graph/program-graph.ts";
import { nameOf, withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import {
  checkDeclaration,
  checkDimensions,
  checkDraws,
  checkInitial,
  checkInputs,
  checkNames,
  checkUpdates,
  leavesUnder,
} from "./checks.ts";
import { importGraph } from "./import-graph.ts";
import { checkFunctionName, checkName, declarationError, isRecord } from "./names.ts";
import { checkRequiredUpdates } from "./required-updates.ts";
import type { Update } from "./update.ts";
import { initialValue, isVariable } from "./variable.ts";

/** One function as its author declares it. */
export interface FunctionDeclaration {
  readonly inputs: readonly Input[];
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates?: readonly Update[];
}

export type Functions = Readonly<Record<string, FunctionDeclaration>>;

/** Functions over shared variables, checked and in one graph. */
export class Program<F extends Functions = Functions> {
  readonly name: string;
  readonly graph: ProgramGraph;
  /** The declarations' types, for Net<F>; no such property exists at run time. */
  declare readonly functions: F;

  constructor(graph: ProgramGraph) {
    this.name = graph.name;
    this.graph = graph;
  }

  /** `program digits: train(x, label, learningRate) → loss; predict(x) → probabilities` */
  toString(): string {
    const functions = this.graph.functions.map(f => {
      const inputs = f.inputs.map(i => nameOf(i)).join(", ");
      return `${f.name}(${inputs}) → ${f.outputs.map(o => o.name).join(", ") || "()"}`;
    });
    return `program ${this.name}: ${functions.join("; ")}`;
  }
}

/**
 * Declares the functions of a network. They share parameters and state; every output and every update of a function
 * sees the old values.
 * @param name names the emitted module
 * @throws GradcError `program`, `duplicate-name`, `two-updates`, `input-not-listed`, `input-unused`, `dimension`,
 *   `random-key-reused`, `missing-update`
 */
export function program<const F extends Functions>(name: string, functions: F): Program<F> {
  checkName("program", name);
  const entries = Object.entries<FunctionDeclaration>(isRecord(functions) ? functions : {});
  if (entries.length === 0) {
    throw declarationError("program", `program(${JSON.stringify(name)}): there are no functions`, {
      expected: "{ predict: { inputs: [x], outputs: { y } } }",
      received: describe(functions),
      mend: "Give the functions, by name, as the second argument.",
    });
  }
  for (const [fn, declaration] of entries) {
    checkFunctionName(fn);
    checkDeclaration(fn, declaration);
  }
  const roots = entries.flatMap(([, f]) => rootsOf(f));
  const leaves = leavesUnder([...roots, ...entries.flatMap(([, f]) => [...f.inputs, ...targetsOf(f)])]);
  checkNames(leaves);
  for (const [fn, declaration] of entries) {
    checkUpdates(fn, declaration);
    checkInputs(fn, declaration, leavesUnder(rootsOf(declaration)));
  }
  checkDimensions(entries, roots);
  checkRequiredUpdates(entries);

  const interner = new Interner();
  const substitution = new Map<Tensor, Tensor>();
  importGraph(interner, roots, substitution);
  const imported = (value: Tensor): Tensor => substitution.get(value) ?? value;
  for (const [fn, declaration] of entries) checkDraws(fn, rootsOf(declaration), imported);

  const graphs = entries.map(
    ([fn, f]): FunctionGraph => ({
      name: fn,
      inputs: f.inputs,
      outputs: Object.entries(f.outputs).map(([output, value]) => ({ name: output, value: imported(value) })),
      updates: (f.updates ?? []).map(u => ({ target: u.target, value: imported(u.value) })),
    }),
  );
  const seed = createNode(inputOp, [], { name: "seed", dtype: "u32", shape: [] }).outputs[0] as Tensor<"u32">;
  const variables = leaves.filter(isVariable).map((value): Variable => {
    const initial = initialValue(value, seed);
    checkInitial(value, initial, seed);
    const [own] = withOrigin({ kind: "expansion", of: value }, () => importGraph(interner, [initial]));
    return { name: String(nameOf(value)), role: value.node.op === paramOp ? "param" : "state", value, initial: own };
  });
  return new Program<F>({ name, functions: graphs, variables, seed });
}

const rootsOf = (f: FunctionDeclaration): Tensor[] => [
  ...Object.values(f.outputs),
  ...(f.updates ?? []).map(u => u.value),
];

const targetsOf = (f: FunctionDeclaration): Tensor[] => (f.updates ?? []).map(u => u.target);
