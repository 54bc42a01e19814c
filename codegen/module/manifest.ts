import type {
  FunctionInterface,
  FunctionReport,
  LoweredProgram,
  PlanFunction,
  PlanStmt,
  Slot,
} from "../../src/plan/ir.ts";
import type { Entry, Manifest, Size } from "../../src/runtime/manifest.ts";
import { type Dim, dimSymbols, foldDim } from "../../src/shared/dim.ts";
import { BYTES } from "../../src/shared/dtype.ts";
import { formatType, maxSizeOf } from "../../src/shared/shape.ts";

/** What the runtime needs of a program, as plain data. */
export function manifestOf(program: LoweredProgram): Manifest {
  return {
    name: program.name,
    bytes: memoryBytes(program),
    functions: program.interfaces.map(f => ({
      name: f.name,
      dims: f.dims.map(d => ({ name: d.name, max: d.max })),
      inputs: f.inputs.map(i => ({
        ...entryOf(i),
        ...(i.default === undefined ? {} : { default: i.default }),
        ...(i.below === undefined ? {} : { below: sizeOfDim(i.below) }),
      })),
      outputs: f.outputs.map(entryOf),
      steps: stepsOf(f),
    })),
    variables: program.variables.map(v => ({ ...entryOf(v), role: v.role })),
    ...(program.seed ? { seed: program.seed.offset } : {}),
  };
}

/** Each dim is told by the length of an input in which it is the only one not known yet; see FunctionEntry. */
function stepsOf(f: FunctionInterface): [number, number][] {
  const unknown = new Set(f.dims.map(d => d.name));
  const steps: [number, number][] = [];
  const add = (name: string, input: number): void => {
    unknown.delete(name);
    steps.push([f.dims.findIndex(d => d.name === name), input]);
  };
  for (let before = -1; before !== steps.length; ) {
    before = steps.length;
    f.inputs.forEach((input, at) => {
      const open = dimSymbols(input.shape).filter(d => unknown.has(d.name));
      if (open.length === 1) add(open[0].name, at);
    });
  }
  for (const name of unknown) add(name, -1);
  return steps;
}

/** The memory's size, rounded so that every typed array fits on it. */
export const memoryBytes = (program: LoweredProgram): number => Math.ceil(program.memory.bytes / 16) * 16;

const entryOf = (slot: Slot): Entry => ({
  name: slot.name,
  dtype: slot.dtype,
  shape: slot.shape.map(sizeOfDim),
  offset: slot.offset,
});

const sizeOfDim = (d: Dim): Size =>
  foldDim<Size>(d, {
    constant: value => value,
    symbol: s => s.name,
    add: (a, b) => combine("+", a, b),
    mul: (a, b) => combine("*", a, b),
  });

/** Sums of sums are one sum. */
function combine(operator: "+" | "*", a: Size, b: Size): Size {
  const terms = (s: Size): readonly Size[] =>
    typeof s === "object" && s[0] === operator ? (s.slice(1) as readonly Size[]) : [s];
  return [operator, ...terms(a), ...terms(b)];
}

export interface ManifestOptions {
  /** "js" or "wasm". */
  readonly target: string;
  /** Paths of the user's files are given relative to this directory; others by their last part. */
  readonly root?: string;
}

/** The manifest for people and tools: interface, memory, cost, and which lines of the user each kernel computes. */
export function humanManifest(program: LoweredProgram, options: ManifestOptions): string {
  const reports = new Map(program.reports.map(r => [r.name, r]));
  const plans = new Map(program.functions.map(f => [f.name, f]));
  const persistent = program.variables.reduce((n, v) => n + BYTES[v.dtype] * maxSizeOf(v.shape), 0);
  const sites = (origin: number) =>
    program.origins[origin] && {
      value: program.origins[origin].value,
      lines: program.origins[origin].sites.map(s => relative(s, options.root)),
    };
  const document = {
    name: program.name,
    target: options.target,
    mode: program.mode,
    memory: { bytes: memoryBytes(program), variableBytes: persistent },
    functions: program.interfaces.map(f => ({
      name: f.name,
      dims: Object.fromEntries(f.dims.map(d => [d.name, { max: d.max }])),
      inputs: f.inputs.map(slotText),
      outputs: f.outputs.map(slotText),
      ...cost(reports.get(f.name)),
      kernels: calls(plans.get(f.name)).map(c => ({ kernel: c.kernel.name, computes: c.origins.map(sites) })),
    })),
    variables: program.variables.map(v => ({ ...slotText(v), role: v.role })),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

const slotText = (slot: Slot) => ({ name: slot.name, type: formatType(slot), offset: slot.offset });

const cost = (report: FunctionReport | undefined) =>
  report && {
    flops: report.flops,
    bytesMoved: report.bytesMoved,
    scratchBytes: report.scratchBytes,
    livenessBytes: report.livenessBytes,
  };

type Call = Extract<PlanStmt, { op: "call" }>;

/** The calls of a function in order, those in loops and branches included. */
function calls(f: PlanFunction | undefined): Call[] {
  const found: Call[] = [];
  const visit = (body: readonly PlanStmt[]): void => {
    for (const s of body) {
      if (s.op === "call") found.push(s);
      else if (s.op === "for" || s.op === "while") visit(s.body);
      else if (s.op === "if") {
        visit(s.then);
        visit(s.otherwise);
      }
    }
  };
  if (f) visit(f.body);
  return found;
}

/** `/home/me/project/model.ts:3:4` → `model.ts:3:4`: no path of the machine leaves it. */
function relative(site: string, root: string | undefined): string {
  const path = site.replace(/^file:\/\//, "").replaceAll("\\", "/");
  const base = root?.replaceAll("\\", "/").replace(/\/?$/, "/");
  if (base !== undefined && path.startsWith(base)) return path.slice(base.length);
  return /^([A-Za-z]:)?\//.test(path) ? path.slice(path.lastIndexOf("/") + 1) : path;
}
