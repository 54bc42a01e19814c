import type { FunctionReport, LoweredProgram, PlanFunction, PlanStmt, Slot } from "../../src/plan/ir.ts";
import { BYTES } from "../../src/shared/dtype.ts";
import { formatType, maxSizeOf } from "../../src/shared/shape.ts";
import { memoryBytes } from "../manifest/index.ts";

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
  const lasting = program.memory.bytes - Math.max(0, ...program.reports.map(r => r.scratchBytes));
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
      ...cost(reports.get(f.name), lasting),
      kernels: calls(plans.get(f.name)).map(c => ({ kernel: c.kernel.name, computes: c.origins.map(sites) })),
    })),
    variables: program.variables.map(v => ({ ...slotText(v), role: v.role })),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

const slotText = (slot: Slot) => ({ name: slot.name, type: formatType(slot), offset: slot.offset });

/** `lasting`: bytes that are taken between calls too. The peak of a call is those and its scratch. */
const cost = (report: FunctionReport | undefined, lasting: number) =>
  report && {
    flops: report.flops,
    bytesMoved: report.bytesMoved,
    peakBytes: lasting + report.scratchBytes,
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
