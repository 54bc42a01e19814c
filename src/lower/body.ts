import { attrKey } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ProcedureForm } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import { freeVariables } from "../loop/free-variables.ts";
import type { BufferParam, Expr, Kernel } from "../loop/ir.ts";
import type { PlanStmt } from "../plan/ir.ts";
import { invariant, present } from "../shared/errors.ts";
import { maxSizeOf, type Shape, sizeOf } from "../shared/shape.ts";
import { emitInBlocks } from "./blocks.ts";
import { type Cluster, cluster, type Schedule, type Stage } from "./cluster.ts";
import { emitColumnFolds } from "./column-folds.ts";
import { lowerCond } from "./cond.ts";
import { emitContraction } from "./contraction/template.ts";
import { collapses, KernelEmitter } from "./emit.ts";
import { escapingValues } from "./escapes.ts";
import { delinearize } from "./indices.ts";
import { baseOf, materialise } from "./materialise.ts";
import type { ProgramLowering } from "./program.ts";
import { formOf, literalOf } from "./reader.ts";
import { describe, type Whereabouts } from "./recipe.ts";
import { lowerScan } from "./scan.ts";
import { byteSize, Storage } from "./storage.ts";
import { storeEverything } from "./unfused.ts";

/** A plan statement whose places are known once memory is planned. */
export type LateStmt = () => PlanStmt;

/** What a function or loop body is lowered in: the step counter, and the scratch storages to be placed. */
export interface Frame {
  readonly program: ProgramLowering;
  /** For names of kernels. */
  readonly name: string;
  step: number;
  readonly scratch: Storage[];
  flops: number;
  bytesMoved: number;
  fresh(hint: string): string;
}

export interface BodyRequest {
  readonly roots: readonly Tensor[];
  /** Storage of what is given: inputs, variables, region parameters. */
  readonly leaves: ReadonlyMap<Tensor, Storage>;
  /** Where values should be put, by value or alias; called once the schedule is known. */
  place(schedule: Schedule, wanted: (value: Tensor) => Tensor | undefined): ReadonlyMap<Tensor, Storage>;
}

export interface Body {
  readonly statements: LateStmt[];
  /** The storage with the elements of a root. */
  storageOf(root: Tensor): Storage;
}

const isConstant = (value: Tensor): boolean =>
  value.node.operands.length === 0 && ArrayBuffer.isView(value.node.attrs.data);

/** Lowers the graph below some roots to kernel calls. */
export function lowerBody(frame: Frame, request: BodyRequest): Body {
  const { program } = frame;
  const { leaves } = request;
  const isLeaf = (value: Tensor): boolean => leaves.has(value) || isConstant(value);
  const chosen = materialise(request.roots, isLeaf, program.compact);
  const m = program.fuse ? chosen : storeEverything(chosen);
  const schedule = cluster(m, isLeaf, program.fuse);
  const placements = request.place(schedule, value => {
    const base = baseOf(value);
    return m.stored.has(value) ? value : m.stored.has(base) ? base : undefined;
  });
  const { escaping, rows } = escapingValues(request.roots, schedule, m.stored);
  const storages = new Map<Tensor, Storage>();

  const own = (value: Tensor): Storage => {
    let storage = storages.get(value) ?? placements.get(value);
    if (!storage) {
      const rowAxes = rows.get(value);
      storage =
        rowAxes === undefined
          ? new Storage(value.dtype, value.shape, String(value))
          : Storage.row(value.dtype, value.shape, rowAxes, String(value));
      frame.scratch.push(storage);
    }
    storages.set(value, storage);
    return storage;
  };
  /** Storage of a stored value or leaf. */
  const storageOf = (value: Tensor): Storage | undefined => {
    const leaf = leaves.get(value);
    if (leaf) return leaf;
    if (isConstant(value)) return program.constant(value);
    return m.stored.has(value) && escaping.has(value) ? own(value) : undefined;
  };
  /** Storage with the elements of a value, through aliases. */
  const elementsOf = (value: Tensor): Storage =>
    present(storageOf(value) ?? storageOf(baseOf(value)), `${value} has no storage`);

  const statements: LateStmt[] = [];
  const call = (kernel: Kernel, used: readonly Storage[], values: readonly Tensor[]): void => {
    statements.push(callKernel(frame, kernel, used, values));
  };
  const addScratch = (storage: Storage): void => {
    frame.scratch.push(storage);
  };
  const whereabouts: Whereabouts = {
    identityOf: value => {
      const leaf = leaves.get(value);
      if (leaf) return leaf;
      if (isLiteral(value)) return undefined;
      if (isConstant(value)) return `${value.dtype}${attrKey(value.node.attrs.data)}`;
      return m.stored.has(value) && escaping.has(value)
        ? (storages.get(value) ?? placements.get(value) ?? value)
        : undefined;
    },
    rowAxesOf: value => rows.get(value),
  };

  for (const c of schedule.clusters) {
    if (c.kind === "rows" || c.kind === "contraction") {
      const stages = c.stages.flatMap(stage => stage.values);
      const values = c.kind === "rows" ? stages : [...c.node.outputs, ...stages];
      frame.flops += flopsOf(c);
      const made = program.recipes.make(describe(c, whereabouts), storageOf, addScratch, scratch => {
        const e = new KernelEmitter({ storageOf });
        if (c.kind === "rows") emitRows(e, c, program.profile.lanes.f32 > 1 ? scratch : undefined);
        else {
          const form = formOf(c.node);
          invariant(form.form === "contraction", "a contraction cluster without a contraction");
          const [{ dtype }] = c.node.outputs;
          emitContraction(e, c.node, form, c.stages, program.profile, (label, shape) => scratch(label, shape, dtype));
        }
        return e.builder.finish(`${frame.name}_${values[values.length - 1].node.op.name}`);
      });
      call(made.kernel, made.storages, values);
    } else if (c.kind === "procedure") {
      const form = formOf(c.node);
      invariant(form.form === "procedure", "a procedure cluster without a procedure");
      const inputs = c.node.operands.map(elementsOf);
      const outputs = c.node.outputs.map(own);
      const extra = (form.scratch ?? []).map(x => new Storage(x.dtype, x.shape, "scratch"));
      extra.forEach(addScratch);
      frame.flops += flopsOf(c);
      call(
        procedureKernel(`${frame.name}_${c.node.op.name}`, form, inputs, outputs, extra),
        [...inputs, ...outputs, ...extra],
        c.node.outputs,
      );
    } else {
      const lowered = formOf(c.node).form === "cond" ? lowerCond : lowerScan;
      lowered(frame, c.node, c.node.operands.map(elementsOf), c.node.outputs.map(own), statements);
    }
  }
  return { statements, storageOf: elementsOf };
}

/** Work that is lowered once and done `rounds` times, for the reports. */
export function repeated<T>(frame: Frame, rounds: number, lower: () => T): T {
  const { flops, bytesMoved } = frame;
  const lowered = lower();
  frame.flops = flops + rounds * (frame.flops - flops);
  frame.bytesMoved = bytesMoved + rounds * (frame.bytesMoved - bytesMoved);
  return lowered;
}

/** Where results go, once the schedule is known: see BodyRequest. */
type Targets = (schedule: Schedule, wanted: (value: Tensor) => Tensor | undefined) => readonly Storage[];

/**
 * Lowers the body of a region.
 * @param choose the storages that its results are put into
 */
export function lowerRegion(
  frame: Frame,
  results: readonly Tensor[],
  leaves: ReadonlyMap<Tensor, Storage>,
  choose: Targets,
): LateStmt[] {
  const placed = new Map<Tensor, Storage>();
  let targets: readonly Storage[] = [];
  const { statements, storageOf } = lowerBody(frame, {
    roots: results,
    leaves,
    place: (schedule, wanted) => {
      targets = choose(schedule, wanted);
      results.forEach((result, i) => {
        const value = wanted(result);
        if (value && !placed.has(value)) placed.set(value, targets[i]);
      });
      return placed;
    },
  });
  // Results that are given values, or asked for twice, are copied.
  results.forEach((result, i) => {
    const at = storageOf(result);
    if (at !== targets[i]) statements.push(copyStmt(frame, targets[i], at, result.shape));
  });
  return statements;
}

/** A call of a kernel, which is the next step of the frame. */
export function callKernel(
  frame: Frame,
  kernel: Kernel,
  used: readonly Storage[],
  values: readonly Tensor[],
): LateStmt {
  const { program } = frame;
  const shared = program.share(kernel);
  const step = frame.step++;
  for (const storage of used) storage.touch(step);
  frame.bytesMoved += used.reduce((total, storage) => total + storage.bytes, 0);
  const origins = program.origin(values);
  return () => {
    const { kernel: callee, sizes } = program.callee(shared);
    return {
      op: "call",
      kernel: callee,
      places: used.map(storage => storage.placed()),
      bytes: used.map(storage => storage.bytes),
      // Of this kernel: the one it shares code with may stand in a function with other dimensions.
      extents: [...kernel.extents.map(name => s.variable(name)), ...sizes.map(s.int)],
      origins,
    };
  };
}

/**
 * A kernel over rows: stages of the row's own shape in registers, others with inner loops.
 * @param scratch makes room; given where loops become vectors
 */
function emitRows(
  e: KernelEmitter,
  c: Extract<Cluster, { kind: "rows" }>,
  scratch?: (label: string, shape: Shape, dtype: Tensor["dtype"]) => Storage,
): void {
  const { outer, stages } = c;
  const isPoint = (value: Tensor): boolean => value.rank === outer.length;
  const plain = stages.every(st => isPoint(st.values[0]) && formOf(st.node).form !== "reduction");
  e.announce(stages);
  const flat = plain && outer.length > 0 && collapses(stages, outer, e.surroundings);
  if (flat && scratch && emitInBlocks(e, stages, outer, scratch)) return;
  if (scratch && emitColumnFolds(e, stages, outer, scratch)) return;
  if (flat && outer.length > 1) {
    const point = (i: Expr): void => {
      e.points(stages, delinearize(i, outer));
      e.flush();
    };
    e.builder.loop("i", s.int(0), s.dimExpr(sizeOf(outer)), point, { parallel: true });
    return;
  }
  const row = (index: readonly Expr[]): void => {
    for (let i = 0; i < stages.length; i++) {
      const stage = stages[i];
      const next = stages.at(i + 1);
      if (isPoint(stage.values[0])) e.points([stage], index);
      else if (next && isPoint(next.values[0]) && reducesRow(next, stage, outer.length)) {
        e.innerWithReduction(stage, next, index);
        i++;
      } else e.inner(stage, index);
    }
    e.flush();
  };
  // Rows read nothing of each other: what is overwritten in place is read at its own element alone.
  e.nest(outer, row, { parallel: true });
}

/** Does a stage reduce all that another one computes point by point in each row? */
function reducesRow({ node }: Stage, { node: source, values }: Stage, outer: number): boolean {
  const form = formOf(node);
  if (form.form !== "reduction" || formOf(source).form === "reduction" || values.length !== 1) return false;
  const [value] = values;
  return node.operands[0] === value && form.axes.length === value.rank - outer && form.axes[0] === outer;
}

function procedureKernel(
  name: string,
  form: ProcedureForm,
  inputs: readonly Storage[],
  outputs: readonly Storage[],
  scratch: readonly Storage[],
): Kernel {
  let counter = 0;
  const body = form.build(hint => `${hint}$${counter++}`);
  const params = (list: readonly Storage[], prefix: string, access: "read" | "readwrite"): BufferParam[] =>
    list.map((storage, i) => ({ name: `${prefix}$${i}`, dtype: storage.dtype, access }));
  const own = (buffer: BufferParam, i: number): BufferParam =>
    form.scratch?.[i].private ? { ...buffer, private: true } : buffer;
  return {
    name,
    buffers: [
      ...params(inputs, "in", "read"),
      ...params(outputs, "out", "readwrite"),
      ...params(scratch, "scratch", "readwrite").map(own),
    ],
    extents: freeVariables(body),
    body,
  };
}

/** Floating-point operations of a cluster at the bounds of the dimensions. */
function flopsOf(c: Cluster): number {
  const stageFlops = (node: Tensor["node"]): number => {
    const form = formOf(node);
    const size = maxSizeOf(node.outputs[0].shape);
    if (form.form === "pointwise" || form.form === "procedure") return size * form.cost;
    if (form.form === "reduction") return size * maxSizeOf(form.extents) * Math.max(1, form.cost);
    if (form.form === "contraction") return 2 * maxSizeOf(Object.values(form.extents));
    return 0;
  };
  if (c.kind === "region") return 0;
  const nodes = c.kind === "rows" ? [] : [c.node];
  const stages = c.kind === "procedure" ? [] : c.stages.map(st => st.node);
  return [...nodes, ...stages].reduce((total, node) => total + stageFlops(node), 0);
}

/** A copy of one value's elements. */
export function copyStmt(frame: Frame, to: Storage, from: Storage, shape: Shape): LateStmt {
  const step = frame.step++;
  to.touch(step);
  from.touch(step);
  frame.bytesMoved += 2 * from.bytes;
  const bytes: Expr = byteSize(from.dtype, s.dimExpr(sizeOf(shape)));
  invariant(to.dtype === from.dtype, "a copy between dtypes");
  return () => ({ op: "copy", to: to.placed(), from: from.placed(), bytes });
}

/** Is the value one that needs no storage to be read (a single literal)? */
export const isLiteral = (value: Tensor): boolean => literalOf(value) !== undefined;
