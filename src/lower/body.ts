import type { Tensor } from "../graph/tensor.ts";
import type { ProcedureForm } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import { freeVariables } from "../loop/free-variables.ts";
import type { BufferParam, Expr, Kernel } from "../loop/ir.ts";
import type { PlanStmt } from "../plan/ir.ts";
import { invariant, present } from "../shared/errors.ts";
import { maxSizeOf, type Shape, sizeOf } from "../shared/shape.ts";
import { type Cluster, cluster, type Schedule } from "./cluster.ts";
import { emitContraction } from "./contraction/template.ts";
import { collapses, KernelEmitter } from "./emit.ts";
import { delinearize } from "./indices.ts";
import { baseOf, materialise } from "./materialise.ts";
import type { ProgramLowering } from "./program.ts";
import { formOf, literalOf } from "./reader.ts";
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
  const chosen = materialise(request.roots, isLeaf);
  const m = program.fuse ? chosen : storeEverything(chosen);
  const schedule = cluster(m, isLeaf, program.fuse);
  const placements = request.place(schedule, value => {
    const base = baseOf(value);
    return m.stored.has(value) ? value : m.stored.has(base) ? base : undefined;
  });
  const escaping = escapingValues(request.roots, schedule, m.stored);
  const storages = new Map<Tensor, Storage>();

  const own = (value: Tensor): Storage => {
    let storage = storages.get(value) ?? placements.get(value);
    if (!storage) {
      storage = new Storage(value.dtype, value.shape, String(value));
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
  const scratch = (label: string, shape: Shape, dtype: Tensor["dtype"]): Storage => {
    const storage = new Storage(dtype, shape, label);
    frame.scratch.push(storage);
    return storage;
  };

  for (const c of schedule.clusters) {
    if (c.kind === "rows" || c.kind === "contraction") {
      const e = new KernelEmitter({ storageOf });
      let values = c.stages.flatMap(stage => stage.values);
      if (c.kind === "rows") {
        emitRows(e, c);
      } else {
        values = [...c.node.outputs, ...values];
        const form = formOf(c.node);
        invariant(form.form === "contraction", "a contraction cluster without a contraction");
        const [{ dtype }] = c.node.outputs;
        emitContraction(e, c.node, form, c.stages, program.profile, (label, shape) => scratch(label, shape, dtype));
      }
      frame.flops += flopsOf(c);
      const built = e.builder.finish(`${frame.name}_${values[values.length - 1].node.op.name}`);
      call(built.kernel, built.storages, values);
    } else if (c.kind === "procedure") {
      const form = formOf(c.node);
      invariant(form.form === "procedure", "a procedure cluster without a procedure");
      const inputs = c.node.operands.map(elementsOf);
      const outputs = c.node.outputs.map(own);
      const extra = (form.scratch ?? []).map(x => scratch("scratch", x.shape, x.dtype));
      frame.flops += flopsOf(c);
      call(
        procedureKernel(`${frame.name}_${c.node.op.name}`, form, inputs, outputs, extra),
        [...inputs, ...outputs, ...extra],
        c.node.outputs,
      );
    } else {
      lowerScan(frame, c.node, c.node.operands.map(elementsOf), c.node.outputs.map(own), statements);
    }
  }
  return { statements, storageOf: elementsOf };
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

/** Stored values that somebody outside their kernel reads, or that have loops of their own in it. */
function escapingValues(roots: readonly Tensor[], schedule: Schedule, stored: ReadonlySet<Tensor>): Set<Tensor> {
  const escaping = new Set<Tensor>();
  for (const root of roots) {
    if (stored.has(root)) escaping.add(root);
    else escaping.add(baseOf(root));
  }
  for (const [node, records] of schedule.reads) {
    const home = schedule.clusterOf.get(node.outputs[0]);
    for (const { value } of records) if (schedule.clusterOf.get(value) !== home) escaping.add(value);
  }
  for (const c of schedule.clusters) {
    if (c.kind === "rows") {
      for (const stage of c.stages) {
        for (const value of stage.values) if (value.rank > c.outer.length) escaping.add(value);
      }
    } else if (c.kind !== "contraction") {
      for (const value of c.node.outputs) escaping.add(value);
    }
  }
  return escaping;
}

/** A kernel over rows: stages of the row's own shape in registers, others with inner loops. */
function emitRows(e: KernelEmitter, c: Extract<Cluster, { kind: "rows" }>): void {
  const { outer, stages } = c;
  const isPoint = (value: Tensor): boolean => value.rank === outer.length;
  const plain = stages.every(st => isPoint(st.values[0]) && formOf(st.node).form !== "reduction");
  e.announce(stages);
  if (plain && outer.length > 1 && collapses(stages, outer, e.surroundings)) {
    const point = (i: Expr): void => {
      e.points(stages, delinearize(i, outer));
      e.flush();
    };
    e.builder.loop("i", s.int(0), s.dimExpr(sizeOf(outer)), point, { parallel: true });
    return;
  }
  const row = (index: readonly Expr[]): void => {
    for (const stage of stages) {
      if (isPoint(stage.values[0])) e.points([stage], index);
      else e.inner(stage, index);
    }
    e.flush();
  };
  // Rows read nothing of each other: what is overwritten in place is read at its own element alone.
  e.nest(outer, row, { parallel: true });
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
  if (c.kind === "scan") return 0;
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
