import type { Tensor } from "../graph/tensor.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { invariant, present } from "../shared/errors.ts";
import { type Shape, shapeEquals } from "../shared/shape.ts";
import type { Stage } from "./cluster.ts";
import { delinearize, linearize, reindex, some } from "./indices.ts";
import { KernelBuilder } from "./kernel-builder.ts";
import { baseOf } from "./materialise.ts";
import { formOf, Reader } from "./reader.ts";
import { emitReduction } from "./reduction.ts";
import type { Storage } from "./storage.ts";

/** A value of one element and where it goes. */
export interface PointStore {
  readonly storage: Storage;
  readonly index: Expr;
  readonly value: Expr;
}

/** What a kernel needs to know of the values around it. */
export interface Surroundings {
  /** The storage of a stored value or leaf; undefined for values that live in registers of one kernel, or are inlined. */
  storageOf(value: Tensor): Storage | undefined;
}

/** The state of one kernel under construction: values at hand in registers, stores that wait for the end of the row. */
export class KernelEmitter {
  readonly builder = new KernelBuilder();
  readonly reader: Reader;
  private readonly registers = new Map<Tensor, Expr>();
  readonly surroundings: Surroundings;
  private waiting: PointStore[] = [];

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.reader = new Reader((value, index) => this.atHand(value, index));
  }

  private atHand(value: Tensor, index: readonly Expr[]): Expr | undefined {
    const register = this.registers.get(value);
    if (register) return register;
    const own = this.surroundings.storageOf(value);
    if (own) return this.builder.load(own, own.position(index, value.shape));
    const base = baseOf(value);
    if (base === value) return undefined;
    const storage = this.surroundings.storageOf(base);
    if (!storage || this.registers.has(base)) return undefined;
    // Through aliases: equal order, so equal position; sizes of 1 aside, keep the axes for simpler indices.
    const ones = (d: Shape): Shape => d.filter(x => x !== 1);
    const plain = shapeEquals(ones(value.shape), ones(base.shape));
    const position = plain
      ? storage.position(reindex(index, value.shape, base.shape), base.shape)
      : linearize(index, value.shape);
    return this.builder.load(storage, position);
  }

  setRegister(value: Tensor, expr: Expr): void {
    this.registers.set(value, expr);
  }

  /** Declares the storages that stages will write, before anything is loaded. */
  announce(stages: readonly Stage[]): void {
    for (const stage of stages) {
      for (const value of stage.values) {
        const storage = this.surroundings.storageOf(value);
        if (storage) this.builder.willWrite(storage);
      }
    }
  }

  /**
   * Computes stages whose index space is the current row's: their values go to registers; stores wait, so that every
   * read in the row sees the old contents of what is updated in place.
   */
  points(stages: readonly Stage[], index: readonly Expr[]): void {
    for (const stage of stages) {
      const form = formOf(stage.node);
      if (form.form === "reduction") {
        const results = emitReduction(this.builder, stage.node, form, index, this.reader);
        stage.values.forEach((value, i) => {
          this.keep(value, index, results[i]);
        });
      } else {
        for (const value of stage.values) this.keep(value, index, this.pointValue(value, index));
      }
    }
  }

  /** What pointwise stages store at an index, as expressions over what lies in memory; emits nothing. */
  pointStores(stages: readonly Stage[], index: readonly Expr[]): PointStore[] {
    return stages.flatMap(stage =>
      stage.values.flatMap((value): PointStore[] => {
        const expr = this.pointValue(value, index);
        this.registers.set(value, expr);
        const storage = this.surroundings.storageOf(value);
        return storage ? [{ storage, index: storage.position(index, value.shape), value: expr }] : [];
      }),
    );
  }

  /** The expression of a stage's own value (not its storage). */
  pointValue(value: Tensor, index: readonly Expr[]): Expr {
    const { node } = value;
    const form = formOf(node);
    if (form.form === "pointwise") {
      return form.at(value.index, index, (operand, at) => this.reader.read(node.operands[operand], at));
    }
    const [operand] = node.operands;
    return this.reader.read(operand, reindex(index, value.shape, operand.shape));
  }

  /** The result of a contraction at an index: in a register for the epilogue, and stored where others need it. */
  keepResult(value: Tensor, index: readonly Expr[], register: Expr): void {
    this.registers.set(value, register);
    const storage = this.surroundings.storageOf(value);
    if (storage) this.waiting.push({ storage, index: linearize(index, value.shape), value: register });
  }

  private keep(value: Tensor, index: readonly Expr[], expr: Expr): void {
    const register = this.builder.name(expr);
    this.registers.set(value, register);
    const storage = this.surroundings.storageOf(value);
    if (storage) this.waiting.push({ storage, index: linearize(index, value.shape), value: register });
  }

  /** A stage with loops of its own inside the row: stored at once, read back by later stages. */
  inner(stage: Stage, row: readonly Expr[]): void {
    const [{ shape }] = stage.values;
    this.nest(shape.slice(row.length), inner => {
      const index = [...row, ...inner];
      const form = formOf(stage.node);
      const results =
        form.form === "reduction"
          ? emitReduction(this.builder, stage.node, form, index, this.reader)
          : stage.values.map(value => this.pointValue(value, index));
      stage.values.forEach((value, i) => {
        const storage = this.surroundings.storageOf(value);
        if (storage) this.builder.store(storage, storage.position(index, value.shape), results[i]);
      });
    });
  }

  /**
   * A stage with loops of its own and the reduction of all that it computes in this row, in one pass: each element is
   * added up as it is stored.
   */
  innerWithReduction(stage: Stage, reducing: Stage, row: readonly Expr[]): void {
    const [value] = stage.values;
    const form = formOf(reducing.node);
    invariant(form.form === "reduction", "a stage that reduces nothing");
    const storage = present(this.surroundings.storageOf(value), `${value} has no storage`);
    const results = emitReduction(this.builder, reducing.node, form, row, this.reader, reduced => {
      const index = [...row, ...reduced];
      const register = this.builder.name(this.pointValue(value, index));
      this.builder.store(storage, storage.position(index, value.shape), register);
      this.registers.set(value, register);
    });
    // Its loops are over: later stages read it from memory.
    this.registers.delete(value);
    reducing.values.forEach((result, i) => {
      this.keep(result, row, results[i]);
    });
  }

  /** Ends a row: what was kept in registers is stored. */
  flush(): void {
    for (const { storage, index, value } of this.waiting) this.builder.store(storage, index, value);
    this.waiting = [];
  }

  /** Loops over an index space, one per axis of more than one element. */
  nest(
    shape: Shape,
    body: (index: readonly Expr[]) => void,
    options: s.LoopOptions = {},
    index: readonly Expr[] = [],
  ): void {
    if (index.length === shape.length) {
      body(index);
      return;
    }
    const extent = shape[index.length];
    const next = (i: Expr): void => this.nest(shape, body, options, [...index, i]);
    if (extent === 1) next(s.int(0));
    else this.builder.loop("i", s.int(0), s.dimExpr(extent), next, options);
  }
}

/** Can all axes of the index space be walked as one? True when no index is split or taken modulo anything. */
export function collapses(stages: readonly Stage[], shape: Shape, surroundings: Surroundings): boolean {
  const trial = new KernelEmitter(surroundings);
  const flat = s.variable("flat$");
  const index = delinearize(flat, shape);
  const own = new Set(stages.flatMap(stage => stage.values));
  for (const stage of stages) {
    for (const value of stage.values) {
      const expr = trial.pointValue(value, index);
      if (some(expr, splits)) return false;
      if (own.has(value)) trial.setRegister(value, s.literal(value.dtype, 1));
    }
  }
  return true;
}

/** Index arithmetic that divides the collapsed index. */
const splits = (e: Expr): boolean =>
  e.op === "binary" &&
  (e.fn === "rem" || e.fn === "div") &&
  e.dtype === "i32" &&
  some(e, x => x.op === "var" && x.name === "flat$");
