import { compileKernel, type RunKernel } from "../loop/interpret.ts";
import type { Expr } from "../loop/ir.ts";
import { binaryFn, castFn, compareFn, narrow, unaryFn } from "../loop/numeric.ts";
import { InternalError, invariant, present } from "../shared/errors.ts";
import type { Executable } from "./executable.ts";
import type { LoweredProgram, PlanFunction, PlanStmt } from "./ir.ts";

/** The values of dims, loop variables and places. */
export type Environment = Map<string, number>;

/** Runs a lowered program by interpretation: slow, obviously right, and free of code generation. */
export function instantiateInterpreter(program: LoweredProgram): Executable {
  const memory = new ArrayBuffer(Math.ceil(program.memory.bytes / 16) * 16);
  const bytes = new Uint8Array(memory);
  for (const { offset, bytes: data } of program.memory.data) bytes.set(data, offset);
  const machine = new Machine(program, memory);
  const functions = Object.fromEntries(
    program.functions.map(fn => [fn.name, (...dims: number[]) => machine.call(fn, dims)]),
  );
  return { memory, functions };
}

class Machine {
  readonly #program: LoweredProgram;
  readonly #bytes: Uint8Array;
  readonly #kernels = new Map<object, RunKernel>();

  constructor(program: LoweredProgram, memory: ArrayBuffer) {
    this.#program = program;
    this.#bytes = new Uint8Array(memory);
  }

  call(fn: PlanFunction, dims: readonly number[]): void {
    invariant(dims.length === fn.dims.length, `${fn.name}: called with ${dims.length} of ${fn.dims.length} dimensions`);
    this.#run(fn.body, new Map(fn.dims.map((d, i) => [d.name, dims[i]])));
  }

  #run(body: readonly PlanStmt[], env: Environment): void {
    for (const s of body) this.#step(s, env);
  }

  #step(s: PlanStmt, env: Environment): void {
    switch (s.op) {
      case "call":
        this.#kernel(s.kernel)(
          s.places.map(e => evaluate(e, env)),
          s.extents.map(e => evaluate(e, env)),
        );
        break;
      case "copy":
        this.#copy(evaluate(s.to, env), evaluate(s.from, env), evaluate(s.bytes, env));
        break;
      case "place":
        env.set(s.name, evaluate(s.value, env));
        break;
      case "swap": {
        const [a, b] = [lookup(s.a, env), lookup(s.b, env)];
        env.set(s.a, b);
        env.set(s.b, a);
        break;
      }
      case "for": {
        const all = evaluate(s.count, env);
        const count = s.atMost ? Math.min(all, this.#whole(s.atMost, env)) : all;
        for (let i = 0; i < count && (!s.goesOn || this.#flag(s.goesOn, env)); i++) {
          env.set(s.name, s.reverse ? count - 1 - i : i);
          this.#run(s.body, env);
        }
        break;
      }
      case "while":
        while (this.#flag(s.condition, env)) this.#run(s.body, env);
        break;
      case "if":
        this.#run(this.#flag(s.condition, env) ? s.then : s.otherwise, env);
        break;
      case "barrier":
        break;
      case "single":
        this.#run(s.body, env);
        break;
    }
  }

  #kernel(kernel: Extract<PlanStmt, { op: "call" }>["kernel"]): RunKernel {
    const known = this.#kernels.get(kernel);
    if (known) return known;
    const compiled = compileKernel(kernel, this.#bytes.buffer, this.#program.mode);
    this.#kernels.set(kernel, compiled);
    return compiled;
  }

  #copy(to: number, from: number, count: number): void {
    const size = this.#bytes.length;
    invariant(
      to >= 0 && from >= 0 && count >= 0 && to + count <= size && from + count <= size,
      `plan: copy of ${count} bytes from ${from} to ${to} leaves the memory of ${size}`,
    );
    invariant(to + count <= from || from + count <= to || count === 0, "plan: the ranges of a copy overlap");
    this.#bytes.copyWithin(to, from, from + count);
  }

  /** The i32 at a place. */
  #whole(place: Expr, env: Environment): number {
    return new DataView(this.#bytes.buffer).getInt32(evaluate(place, env), true);
  }

  /** The bool byte at a place. */
  #flag(place: Expr, env: Environment): boolean {
    return present(this.#bytes[evaluate(place, env)], "plan: a condition is outside the memory") !== 0;
  }
}

const lookup = (name: string, env: Environment): number => present(env.get(name), `plan: ${name} is not defined`);

/** An i32 expression of the plan. */
export function evaluate(e: Expr, env: Environment): number {
  switch (e.op) {
    case "const":
      return narrow(e.dtype)(e.value);
    case "var":
      return lookup(e.name, env);
    case "unary":
      return unaryFn(e.fn, e.x.dtype)(evaluate(e.x, env));
    case "binary":
      return binaryFn(e.fn, e.dtype)(evaluate(e.x, env), evaluate(e.y, env));
    case "compare":
      return compareFn(e.fn)(evaluate(e.x, env), evaluate(e.y, env));
    case "select":
    case "guard":
      return evaluate(e.condition, env) ? evaluate(e.then, env) : evaluate(e.otherwise, env);
    case "cast":
      return castFn(e.x.dtype, e.dtype)(evaluate(e.x, env));
    default:
      throw new InternalError(`plan: ${e.op} has no meaning above kernels`);
  }
}
