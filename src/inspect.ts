import { JS_PROFILE } from "../codegen/js/profile.ts";
import { expandRequests, isGradient, type SweepStep, vjp, vjpSweep } from "./autodiff/index.ts";
import { lower } from "./compile.ts";
import { argumentError, checkOptions } from "./graph/arguments.ts";
import { inputOp, paramOp, stateOp } from "./graph/leaves.ts";
import { createNode, Interner, withInterner } from "./graph/node.ts";
import { printGraph, printProgram } from "./graph/print.ts";
import { type ProgramGraph, rootsOf } from "./graph/program-graph.ts";
import { nameOf, withOrigin } from "./graph/provenance.ts";
import { Tensor } from "./graph/tensor.ts";
import { topological } from "./graph/traverse.ts";
import { type Derivation, derivationRows, derivationText } from "./inspect/derivation.ts";
import { dotOf } from "./inspect/dot.ts";
import { htmlOf } from "./inspect/html.ts";
import { kernelRows } from "./inspect/kernels.ts";
import type { ReportGraphs } from "./inspect/report.ts";
import { UserNames } from "./inspect/source-names.ts";
import type { Stage } from "./inspect/stage.ts";
import { svgOf } from "./inspect/svg.ts";
import { type GraphView, viewOf } from "./inspect/view.ts";
import type { NumericMode } from "./loop/ir.ts";
import { printKernel } from "./loop/print.ts";
import { fill } from "./ops/source.ts";
import { optimizeProgram, PASSES, type PassState, withProgramRoots } from "./pipeline.ts";
import type { LoweredProgram } from "./plan/ir.ts";
import { printPlan } from "./plan/print.ts";
import { Program } from "./program/program.ts";
import { isFloat } from "./shared/dtype.ts";
import { GradcError, present } from "./shared/errors.ts";
import { formatType } from "./shared/shape.ts";

export const FORMATS = ["text", "dot", "json", "svg", "html"] as const;
export type InspectFormat = (typeof FORMATS)[number];

export interface InspectOptions {
  /** The derivative with respect to this value alone: an input, a parameter or a value with a name. */
  readonly of?: string;
  /**
   * What to look at: `graph` (as declared, default), the graph after any pass (`autodiff`, `simplify` …), `optimized`,
   * `plan` or `kernels` (text only).
   */
  readonly stage?: string;
  /** Default: text. */
  readonly format?: InspectFormat;
  /** As for compile. Default: fast. */
  readonly mode?: NumericMode;
}

/**
 * What the compiler sees: a graph, the derivation of a gradient, what the passes made of it, plans and kernels.
 *
 * @example console.log(inspect(digits, { of: "w1" })) // how ∂loss/∂w1 follows, line by line
 * @returns text; for `svg` and `html` a whole document that needs no network
 * @throws GradcError `unknown-name` for a stage or a value that is not there (the message lists those that are),
 *   `attribute` for a format that is not there or that cannot show the stage
 */
export function inspect(subject: Program | Tensor, options: InspectOptions = {}): string {
  checkOptions("inspect", options, ["of", "stage", "format", "mode"]);
  const { of, format = "text", mode = "fast" } = options;
  if (!(subject instanceof Tensor) && !(subject instanceof Program)) {
    throw argumentError("inspect", "neither a program nor a tensor", "what program(…) returned, or a tensor", subject);
  }
  if (!FORMATS.includes(format)) {
    throw new GradcError("attribute", `inspect: there is no format ${JSON.stringify(format)}`, {
      expected: FORMATS.join(", "),
      received: String(format),
    });
  }
  const stage = options.stage === undefined ? undefined : stageNamed(options.stage);
  const whole = graphOf(subject);
  const names = new UserNames(whole);
  if (of !== undefined && format === "text" && stage === undefined) {
    return derivationText(derive(whole, of, names, mode));
  }
  const gradient = of === undefined ? undefined : gradientGraph(whole, of, names);
  const graph = gradient?.graph ?? whole;
  const shown = stage ?? (gradient ? "optimized" : "graph");
  if (shown === "plan" || shown === "kernels") {
    if (format === "text") return loweredText(graph, shown, mode, of === undefined && subject instanceof Program);
    throw new GradcError("attribute", `inspect: the stage ${shown} is shown as text`, {
      expected: `format text, or one of the stages ${STAGES.slice(0, -2).join(", ")}`,
      received: format,
    });
  }
  const at = graphAt(graph, shown, mode);
  if (format === "text") return subject instanceof Program && !gradient ? printProgram(at) : printGraph(allRoots(at));
  const title = gradient ? at.functions[0].name : at.name;
  const view = viewOf(at, names, title);
  if (format === "json") return `${JSON.stringify(view, null, 1)}\n`;
  if (format === "dot") return dotOf(view);
  if (format === "svg") return svgOf(view);
  return htmlOf({
    title,
    about: `${whole.name}, stage ${shown}`,
    view,
    stages: trace(graph, mode),
    program: lowered(graph, mode),
    ...(of === undefined ? {} : { derivation: derive(whole, of, names, mode) }),
  });
}

function loweredText(graph: ProgramGraph, stage: "plan" | "kernels", mode: NumericMode, initialisers: boolean): string {
  const program = lowered(graph, mode, initialisers);
  return stage === "plan" ? printPlan(program) : `${program.kernels.map(printKernel).join("\n\n")}\n`;
}

/** `expand composites` may be written expand-composites. */
const normal = (name: string): string => name.trim().toLowerCase().replaceAll("-", " ");

/** Everything that can be looked at, in order. */
export const STAGES: readonly string[] = ["graph", ...PASSES.map(p => p.name), "optimized", "plan", "kernels"];

/** The stage of that name. @throws GradcError `unknown-name` */
export function stageNamed(name: string): string {
  const found = STAGES.find(s => normal(s) === normal(name));
  if (found !== undefined) return found;
  throw new GradcError("unknown-name", `inspect: there is no stage ${JSON.stringify(name)}`, {
    expected: STAGES.join(", "),
    received: name,
  });
}

/** The graph after every pass, seen through the pipeline's observer. Initial values are left out. */
export function trace(graph: ProgramGraph, mode: NumericMode): readonly Stage[] {
  const stages: Stage[] = [];
  optimizeProgram(
    graph,
    mode,
    (pass, before: PassState, after: PassState) => {
      stages.push({
        name: pass.name,
        reason: pass.reason,
        graph: withProgramRoots(graph, after.roots, false),
        fired: after.fired.slice(before.fired.length),
      });
    },
    false,
  );
  return stages;
}

/** The graph at a stage before lowering. */
export function graphAt(graph: ProgramGraph, stage: string, mode: NumericMode): ProgramGraph {
  if (stage === "graph") return graph;
  const stages = trace(graph, mode);
  return (stages.find(s => s.name === stage) ?? stages[stages.length - 1]).graph;
}

export const lowered = (graph: ProgramGraph, mode: NumericMode, initialisers = false): LoweredProgram =>
  lower(graph, { profile: () => JS_PROFILE }, mode, { initialisers });

/** What to look at: a program's graph, or one function around a value. */
export function graphOf(subject: Program | Tensor): ProgramGraph {
  if (!(subject instanceof Tensor)) return subject.graph;
  const leaves = topological([subject]).flatMap(n => n.outputs);
  const variables = leaves.filter(v => v.node.op === paramOp || v.node.op === stateOp);
  const inputs = leaves.filter(v => v.node.op === inputOp);
  const name = nameOf(subject) ?? "value";
  return {
    name,
    functions: [{ name, inputs, outputs: [{ name, value: subject }], updates: [] }],
    variables: variables.map(value => ({
      name: String(nameOf(value)),
      role: value.node.op === paramOp ? "param" : "state",
      value,
      initial: value,
    })),
    seed: createNode(inputOp, [], { name: "seed", dtype: "u32", shape: [] }).outputs[0],
  };
}

export const allRoots = (graph: ProgramGraph): Tensor[] => graph.functions.flatMap(rootsOf);

/** One gradient: the result, its cotangent and the value it is taken for, with the graph that holds nothing else. */
export interface GradientGraph {
  readonly of: string;
  readonly y: Tensor;
  readonly target: Tensor;
  readonly graph: ProgramGraph;
  /** The program's functions that compute it. */
  readonly functions: readonly string[];
}

/** Values of the program by the user's names, first come first served. */
export function valuesByName(graph: ProgramGraph, names: UserNames): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const node of topological(allRoots(graph))) {
    for (const value of node.outputs) {
      const name = names.of(value);
      if (name !== undefined && !found.has(name)) found.set(name, value);
    }
  }
  return found;
}

/**
 * The gradient with respect to a named value: the one that the program asks for, or else that of its first scalar.
 * @throws GradcError `unknown-name`, `integer-gradient`, `disconnected-gradient`, `unsupported`
 */
export function gradientGraph(graph: ProgramGraph, of: string, names: UserNames): GradientGraph {
  const values = valuesByName(graph, names);
  const target = values.get(of);
  if (!target) {
    throw new GradcError("unknown-name", `inspect: nothing in ${graph.name} is named ${JSON.stringify(of)}`, {
      expected: [...values.keys()].join(", "),
      received: of,
    });
  }
  const requests = topological(allRoots(graph)).filter(isGradient);
  const asked = requests.find(n => n.operands.slice(2).includes(target));
  const outputs = graph.functions.flatMap(f => f.outputs.map(o => o.value));
  const y = asked?.operands[0] ?? outputs.find(v => v.rank === 0 && isFloat(v.dtype));
  if (!y) {
    throw new GradcError("unsupported", `inspect: ${graph.name} has no scalar to take a derivative of`, {
      mend: "Name a program with a scalar output, such as a loss.",
    });
  }
  const gradient = withOrigin(null, () => {
    const cotangent = asked?.operands[1] ?? fill(1, [], y.dtype);
    return vjp(y, target, cotangent);
  });
  const name = `∂${names.of(y) ?? "y"}/∂${of}`;
  const one = {
    name,
    inputs: graph.functions.flatMap(f => f.inputs).filter((v, i, all) => all.indexOf(v) === i),
    outputs: [
      { name: names.of(y) ?? "y", value: y },
      { name, value: gradient },
    ],
    updates: [],
  };
  const users = graph.functions.filter(f => topological(rootsOf(f)).includes(asked ?? y.node));
  return { of, y, target, graph: { ...graph, functions: [one] }, functions: users.map(f => f.name) };
}

/** Derives one gradient with the compiler's own sweep and writes down every step. */
export function derive(graph: ProgramGraph, of: string, names: UserNames, mode: NumericMode): Derivation {
  const gradient = gradientGraph(graph, of, names);
  let before: PassState | undefined;
  const { fired } = optimizeProgram(
    gradient.graph,
    mode,
    (pass, state) => {
      if (pass.name === "autodiff") before = state;
    },
    false,
  );
  const state = withProgramRoots(gradient.graph, present(before).roots, false);
  const request = present(state.functions[0].outputs[1]).value.node;
  const rows = withInterner(new Interner(), () =>
    withOrigin(null, () => {
      const [y, cotangent, target] = expandRequests(request.operands);
      const steps: SweepStep[] = [];
      vjpSweep([y], [target], [cotangent], step => steps.push(step));
      return derivationRows({ y, cotangent, target, of, steps }, names);
    }),
  );
  const yName = names.of(gradient.y) ?? "y";
  return {
    title: `∂${yName}/∂${of}  ${formatType(gradient.target)}`,
    rows: rows.rows,
    fired,
    kernels: kernelRows(lowered(graph, mode)).filter(
      k => gradient.functions.includes(k.function) && k.sites.some(site => rows.sites.has(site)),
    ),
  };
}

/** A program as declared, and the gradients that it asks for. */
export interface DeclaredViews {
  readonly forward: GraphView;
  /** Without nodes where it asks for none. */
  readonly derivative: GraphView;
  /** What the gradients are taken for, by the user's names. */
  readonly targets: readonly string[];
}

/** Results that need no derivative, then all gradients. Of a program that asks for none, the whole graph. */
export function declaredViews(program: Program, mode: NumericMode = "fast"): DeclaredViews {
  const { graph } = program;
  const names = new UserNames(graph);
  const requests = topological(allRoots(graph)).filter(isGradient);
  const asked = new Set(requests.flatMap(n => topological([n.operands[0]])));
  const forward = graph.functions.map(f => ({
    ...f,
    inputs: [],
    outputs: f.outputs.filter(o => asked.has(o.value.node) || !topological([o.value]).some(isGradient)),
    updates: requests.length === 0 ? f.updates : [],
  }));
  const gradients = requests.flatMap(request =>
    request.outputs.map((value, i) => {
      const target = request.operands[i + 2];
      return { name: `∂${names.of(request.operands[0]) ?? "y"}/∂${names.of(target) ?? i}`, value };
    }),
  );
  const derivative = { ...graph, functions: [{ name: "gradients", inputs: [], outputs: gradients, updates: [] }] };
  const targets = requests.flatMap(n => n.operands.slice(2).map(target => names.of(target)));
  return {
    forward: viewOf({ ...graph, functions: forward }, names, `${graph.name}: forward`),
    derivative: viewOf(graphAt(derivative, "simplify", mode), names, `${graph.name}: derivatives`),
    targets: [...new Set(targets.filter(name => name !== undefined))],
  };
}

/** What a report shows of a program: what was declared, all gradients that it asks for, and what became of them. */
export function inspectReport(
  program: Program,
  options: { readonly of?: string; readonly mode?: NumericMode } = {},
): ReportGraphs {
  const { of, mode = "fast" } = options;
  const { graph } = program;
  const { forward, derivative } = declaredViews(program, mode);
  return {
    forward,
    derivative,
    stages: trace(graph, mode),
    program: lowered(graph, mode),
    ...(of === undefined ? {} : { derivation: derive(graph, of, new UserNames(graph), mode) }),
  };
}

/** How a gradient follows, and its graph alone. @throws GradcError as gradientGraph */
export function gradientViews(
  program: Program,
  of: string,
  mode: NumericMode = "fast",
): { readonly derivation: Derivation; readonly derivative: GraphView } {
  const { graph } = program;
  const names = new UserNames(graph);
  const gradient = gradientGraph(graph, of, names);
  const [{ name, outputs, ...rest }] = gradient.graph.functions;
  const alone = { ...gradient.graph, functions: [{ ...rest, name, inputs: [], outputs: outputs.slice(1) }] };
  return {
    derivation: derive(graph, of, names, mode),
    derivative: viewOf(graphAt(alone, "simplify", mode), names, `${graph.name}: ${name}`),
  };
}
