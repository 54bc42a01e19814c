import type { Expr, Kernel } from "../loop/ir.ts";
import { operandsOf } from "../loop/operands.ts";
import { printExpr } from "../loop/print.ts";
import { THREAD, THREADS } from "../loop/split.ts";
import { verifyKernel } from "../loop/verify.ts";
import { BYTES } from "../shared/dtype.ts";
import { InternalError } from "../shared/errors.ts";
import { maxSizeOf } from "../shared/shape.ts";
import type { LoweredProgram, PlanFunction, PlanStmt, Slot } from "./ir.ts";

/**
 * The invariants of a plan: kernels are well formed and listed; calls give a place per buffer and a value per extent;
 * expressions are i32 without loads over names that are defined; slots are aligned, inside the memory, and those of
 * variables apart; every function but `reset` has an interface.
 *
 * @throws InternalError naming the function and the statement.
 */
export function verifyPlan(program: LoweredProgram): void {
  for (const kernel of program.kernels) verifyKernel(kernel);
  const kernels = new Set(program.kernels);
  for (const fn of program.functions) new FunctionVerifier(fn, kernels).verify();
  verifyMemory(program);
  const functions = new Map(program.functions.map(fn => [fn.name, fn]));
  check(functions.size === program.functions.length, "plan: two functions of one name");
  for (const { name, dims } of program.interfaces) {
    const own = functions
      .get(name)
      ?.dims.map(d => d.name)
      .join();
    check(
      own === dims.map(d => d.name).join(),
      `plan: the interface of ${name} has other dimensions than its function`,
    );
  }
  for (const fn of program.functions) {
    const known = fn.name === "reset" || program.interfaces.some(i => i.name === fn.name);
    check(known, `plan: ${fn.name} has no interface`);
  }
}

function check(ok: boolean, problem: string): void {
  if (!ok) throw new InternalError(problem);
}

function verifyMemory(program: LoweredProgram): void {
  const { bytes } = program.memory;
  const persistent: Slot[] = [...program.variables, ...(program.seed ? [program.seed] : [])];
  for (const slot of [...persistent, ...program.interfaces.flatMap(i => [...i.inputs, ...i.outputs])]) {
    const end = slot.offset + byteLength(slot);
    check(slot.offset >= 0 && slot.offset % 16 === 0, `plan: ${slot.name} at byte ${slot.offset} is not aligned`);
    check(end <= bytes, `plan: ${slot.name} ends at byte ${end} of ${bytes}`);
  }
  for (const { offset, bytes: data } of program.memory.data) {
    check(offset >= 0 && offset + data.length <= bytes, `plan: initial contents at ${offset} leave the memory`);
  }
  const ordered = persistent.toSorted((a, b) => a.offset - b.offset);
  for (const [i, slot] of ordered.entries()) {
    const before = ordered[i - 1];
    if (before) check(before.offset + byteLength(before) <= slot.offset, `plan: ${before.name} overlaps ${slot.name}`);
  }
}

const byteLength = (slot: Slot): number => maxSizeOf(slot.shape) * BYTES[slot.dtype];

type Kind = "dim" | "place" | "loop";

class FunctionVerifier {
  readonly #fn: PlanFunction;
  readonly #kernels: ReadonlySet<Kernel>;
  readonly #visible = new Map<string, Kind>();

  constructor(fn: PlanFunction, kernels: ReadonlySet<Kernel>) {
    this.#fn = fn;
    this.#kernels = kernels;
  }

  verify(): void {
    if (this.#fn.parallel) for (const name of [THREAD, THREADS]) this.#define(name, "dim");
    for (const d of this.#fn.dims) this.#define(d.name, "dim");
    this.#block(this.#fn.body);
  }

  #define(name: string, kind: Kind): void {
    this.#check(!this.#visible.has(name), `${name} is defined twice`);
    this.#visible.set(name, kind);
  }

  #block(body: readonly PlanStmt[]): void {
    const before = this.#visible.size;
    for (const s of body) this.#statement(s);
    for (const name of [...this.#visible.keys()].slice(before)) this.#visible.delete(name);
  }

  #statement(s: PlanStmt): void {
    switch (s.op) {
      case "call":
        this.#call(s);
        break;
      case "copy":
        for (const e of [s.to, s.from, s.bytes]) this.#expr(e);
        break;
      case "place":
        this.#expr(s.value);
        this.#define(s.name, "place");
        break;
      case "swap":
        for (const name of [s.a, s.b]) {
          this.#check(this.#visible.get(name) === "place", `swap of ${name}, which is not a place`);
        }
        break;
      case "for":
        for (const e of [s.count, s.atMost, s.goesOn]) if (e) this.#expr(e);
        this.#define(s.name, "loop");
        this.#block(s.body);
        this.#visible.delete(s.name);
        break;
      case "while":
        this.#expr(s.condition);
        this.#block(s.body);
        break;
      case "if":
        this.#expr(s.condition);
        this.#block(s.then);
        this.#block(s.otherwise);
        break;
      case "barrier":
        break;
      case "single":
        this.#check(Boolean(this.#fn.parallel), "a single thread of one");
        for (const inner of s.body) this.#check(inner.op === "call" || inner.op === "copy", `${inner.op} in single`);
        this.#block(s.body);
        break;
    }
  }

  #call(s: Extract<PlanStmt, { op: "call" }>): void {
    const { kernel } = s;
    this.#check(this.#kernels.has(kernel), `kernel ${kernel.name} is not listed`);
    this.#check(s.places.length === kernel.buffers.length, `${kernel.name}: ${s.places.length} places`);
    this.#check(s.extents.length === kernel.extents.length, `${kernel.name}: ${s.extents.length} extents`);
    this.#check(!s.bytes || s.bytes.length === s.places.length, `${kernel.name}: ${s.bytes?.length} sizes of buffers`);
    for (const e of [...s.places, ...s.extents]) this.#expr(e);
  }

  #expr(e: Expr): void {
    this.#check(e.dtype === "i32" && e.lanes === 1, `${printExpr(e)} is not an i32`);
    this.#operands(e);
  }

  #operands(e: Expr): void {
    if (e.op === "var") this.#check(this.#visible.has(e.name), `${e.name} is not defined here`);
    const pure = !["load", "element", "splat", "ramp", "shuffle", "lane", "call", "bitcast", "fma"].includes(e.op);
    this.#check(pure, `${e.op} has no meaning above kernels`);
    for (const x of operandsOf(e)) this.#operands(x);
  }

  #check(ok: boolean, problem: string): void {
    check(ok, `plan of ${this.#fn.name}: ${problem}`);
  }
}
