import { type FunctionGraph, type ProgramGraph, rootsOf } from "../graph/program-graph.ts";
import { nameOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import type { NumericMode, TargetProfile } from "../loop/ir.ts";
import type {
  FunctionInterface,
  FunctionReport,
  InputSlot,
  LoweredProgram,
  PlanFunction,
  Slot,
  VariableSlot,
} from "../plan/ir.ts";
import { type DimSymbol, dimSymbols } from "../shared/dim.ts";
import { isFloat } from "../shared/dtype.ts";
import { present } from "../shared/errors.ts";
import { copyStmt, type Frame, type LateStmt, lowerBody } from "./body.ts";
import { fillOf, fillStmt } from "./fill.ts";
import { indexBounds } from "./index-bounds.ts";
import { baseOf, hasPlace } from "./materialise.ts";
import { planScratch } from "./memory.ts";
import { ProgramLowering } from "./program.ts";
import { Storage } from "./storage.ts";
import { planUpdates } from "./updates.ts";

export interface LowerOptions {
  readonly profile: TargetProfile;
  readonly mode: NumericMode;
  /** Emit `reset` and what it needs (default true). */
  readonly initialisers?: boolean;
  /** Kernels of several operations (default). Without: one kernel an operation, every value stored. */
  readonly fuse?: boolean;
  /** An order in which less is alive at once; default: the order of the declaration. */
  readonly compact?: boolean;
}

interface LoweredFunction {
  readonly graph: FunctionGraph;
  readonly dims: readonly DimSymbol[];
  readonly statements: readonly LateStmt[];
  readonly scratch: readonly Storage[];
  readonly frame: Frame;
}

/** Lowers a program without derivative requests and composites to kernels and plans over one memory. */
export function lowerProgram(graph: ProgramGraph, options: LowerOptions): LoweredProgram {
  const { profile, mode, initialisers = true, fuse = true, compact = false } = options;
  const program = new ProgramLowering(profile, mode, fuse, compact);
  const leaves = new Map<Tensor, Storage>();
  const variables: VariableSlot[] = graph.variables.map(v => {
    const storage = program.reserve(new Storage(v.value.dtype, v.value.shape, v.name));
    leaves.set(v.value, storage);
    return { ...slotOf(v.name, v.value, storage), role: v.role };
  });
  const seedStorage = initialisers ? program.reserve(new Storage(graph.seed.dtype, [], "seed")) : undefined;

  const interfaces: FunctionInterface[] = [];
  const lowered = graph.functions.map(f => {
    const inputs = f.inputs.map(value => {
      const storage = program.reserve(new Storage(value.dtype, value.shape, String(value)));
      leaves.set(value, storage);
      return inputSlot(value, storage, f);
    });
    const outputs = f.outputs.map(o => ({
      output: o,
      storage: program.reserve(new Storage(o.value.dtype, o.value.shape, o.name)),
    }));
    const result = lowerFunction(
      program,
      f,
      leaves,
      outputs.map(o => o.storage),
    );
    for (const value of f.inputs) leaves.delete(value);
    interfaces.push({
      name: f.name,
      dims: result.dims,
      inputs,
      outputs: outputs.map(o => slotOf(o.output.name, o.output.value, o.storage)),
    });
    return result;
  });
  if (seedStorage) {
    leaves.set(graph.seed, seedStorage);
    program.once = true;
    lowered.push(lowerFunction(program, resetFunction(graph), leaves, []));
  }

  const kernels = program.settle();
  const base = program.persistentBytes;
  const plans = lowered.map(f => planScratch(f.scratch, base));
  const scratchBytes = Math.max(0, ...plans.map(p => p.bytes));
  return {
    name: graph.name,
    mode,
    profile,
    kernels,
    functions: lowered.map(
      (f): PlanFunction => ({ name: f.graph.name, dims: f.dims, body: f.statements.map(late => late()) }),
    ),
    interfaces,
    variables,
    ...(seedStorage ? { seed: slotOf("seed", graph.seed, seedStorage) } : {}),
    memory: { bytes: base + scratchBytes, data: program.data },
    reports: lowered.map(
      (f, i): FunctionReport => ({
        name: f.graph.name,
        flops: f.frame.flops,
        bytesMoved: f.frame.bytesMoved,
        scratchBytes: plans[i].bytes,
        livenessBytes: plans[i].livenessBytes,
      }),
    ),
    origins: program.origins,
  };
}

export const RESET = "reset";

/** Initial values as updates of a function. */
const resetFunction = (graph: ProgramGraph): FunctionGraph => ({
  name: RESET,
  inputs: [graph.seed],
  outputs: [],
  updates: graph.variables.map(v => ({ target: v.value, value: v.initial })),
});

function slotOf(name: string, value: Tensor, storage: Storage): Slot {
  return { name, dtype: value.dtype, shape: value.shape, offset: offsetOf(storage) };
}

function inputSlot(value: Tensor, storage: Storage, f: FunctionGraph): InputSlot {
  const { name, default: fallback } = value.node.attrs;
  const below = isFloat(value.dtype) ? [] : indexBounds(value, rootsOf(f));
  return {
    ...slotOf(String(name), value, storage),
    ...(typeof fallback === "number" ? { default: fallback } : {}),
    ...(below.length === 0 ? {} : { below }),
  };
}

const offsetOf = (storage: Storage): number => {
  const place = present(storage.place);
  return place.op === "const" ? place.value : 0;
};

/** Lowers one function: results at their places, updates in place where that is safe, else copied at the end. */
function lowerFunction(
  program: ProgramLowering,
  f: FunctionGraph,
  leaves: ReadonlyMap<Tensor, Storage>,
  outputs: readonly Storage[],
): LoweredFunction {
  for (const { target, value } of f.updates) program.roles.set(baseOf(value), `new ${nameOf(target)}`);
  let counter = 0;
  const frame: Frame = {
    program,
    name: f.name,
    step: 0,
    scratch: [],
    flops: 0,
    bytesMoved: 0,
    fresh: hint => `${hint}$${counter++}`,
  };
  // What is a given value already is copied before anything overwrites it.
  const early: LateStmt[] = [];
  const late: LateStmt[] = [];
  const nothing: ReadonlySet<Tensor> = new Set();
  const isGiven = (value: Tensor): boolean => hasPlace(value, nothing, v => leaves.has(v));
  const given = (value: Tensor): Storage => present(leaves.get(baseOf(value)));
  f.outputs.forEach((o, i) => {
    if (isGiven(o.value)) early.push(copyStmt(frame, outputs[i], given(o.value), o.value.shape));
  });
  const fills = f.updates.flatMap(({ target, value }) => {
    const element = fillOf(value);
    return element ? [{ target, value, element }] : [];
  });
  const filled = new Set(fills.map(x => x.value));
  const commits: { to: Storage; from: () => Storage; value: Tensor }[] = [];
  for (const { target, value } of f.updates) {
    if (!isGiven(value)) continue;
    const copy = new Storage(value.dtype, value.shape, `new ${target}`);
    frame.scratch.push(copy);
    early.push(copyStmt(frame, copy, given(value), value.shape));
    commits.push({ to: present(leaves.get(target)), from: () => copy, value });
  }

  const body = lowerBody(frame, {
    roots: [
      ...f.outputs.map(o => o.value).filter(v => !isGiven(v)),
      ...f.updates.map(u => u.value).filter(v => !isGiven(v) && !filled.has(v)),
    ],
    leaves,
    place: (schedule, wanted) => {
      const places = new Map<Tensor, Storage>();
      const computed = f.updates.filter(u => !isGiven(u.value) && !filled.has(u.value));
      for (const update of planUpdates({ updates: computed }, schedule, wanted, new Set())) {
        const storage = present(leaves.get(update.target));
        if (update.inPlace) places.set(update.inPlace, storage);
        else commits.push({ to: storage, from: () => body.storageOf(update.value), value: update.value });
      }
      f.outputs.forEach((o, i) => {
        const value = wanted(o.value);
        if (value && !places.has(value)) places.set(value, outputs[i]);
      });
      return places;
    },
  });
  f.outputs.forEach((o, i) => {
    if (isGiven(o.value)) return;
    const at = body.storageOf(o.value);
    if (at !== outputs[i]) late.push(copyStmt(frame, outputs[i], at, o.value.shape));
  });
  // A variable that becomes one number is set where it lies, once nothing needs its old value.
  for (const { target, value, element } of fills) {
    late.push(fillStmt(frame, present(leaves.get(target)), value, element));
  }
  for (const { to, from, value } of commits) late.push(copyStmt(frame, to, from(), value.shape));
  const types = [...f.inputs, ...topological(rootsOf(f)).flatMap(n => n.outputs)];
  return {
    graph: f,
    dims: dimSymbols(types.flatMap(v => v.shape)),
    statements: [...early, ...body.statements, ...late],
    scratch: frame.scratch,
    frame,
  };
}
