import { manifestOf, poolLayoutOf } from "../../codegen/manifest/index.ts";
import { compileWasm, generateWasm, hasRelaxedSimd } from "../../codegen/wasm/index.ts";
import { compileKernel, type RunKernel } from "../../src/loop/interpret.ts";
import type { Kernel } from "../../src/loop/ir.ts";
import { THREAD, THREADS } from "../../src/loop/split.ts";
import type { Executable } from "../../src/plan/executable.ts";
import { type Environment, evaluate } from "../../src/plan/interpret.ts";
import type { LoweredProgram, PlanFunction, PlanStmt } from "../../src/plan/ir.ts";
import { fail } from "../../src/runtime/errors.ts";
import { createNet, type NetBase } from "../../src/runtime/net.ts";
import { createPool, type Pool } from "../../src/runtime/pool.ts";
import { InternalError, present } from "../../src/shared/errors.ts";

/** A program for several threads, run by real ones. */
export function poolOf(program: LoweredProgram, threads: number): Pool {
  const module = compileWasm(generateWasm(program, { relaxed: hasRelaxedSimd() }));
  return createPool(module, poolLayoutOf(program), threads, fail);
}

export const netOf = (program: LoweredProgram, executable: Executable): NetBase =>
  createNet(manifestOf(program), executable);

/** Which threads have touched each byte since the last barrier: one bit each. */
class Races {
  readonly #writers: Uint16Array;
  readonly #readers: Uint16Array;
  #touched: number[] = [];
  thread = 0;
  kernel = "";

  constructor(bytes: number) {
    this.#writers = new Uint16Array(bytes);
    this.#readers = new Uint16Array(bytes);
  }

  observe(at: number, bytes: number, writes: boolean): void {
    const own = 1 << this.thread;
    for (let i = at; i < at + bytes; i++) {
      const others = (this.#writers[i] | (writes ? this.#readers[i] : 0)) & ~own;
      if (others !== 0) {
        const other = 31 - Math.clz32(others);
        throw new InternalError(`${this.kernel}: threads ${this.thread} and ${other} meet at byte ${i}`);
      }
      (writes ? this.#writers : this.#readers)[i] |= own;
      this.#touched.push(i);
    }
  }

  barrier(): void {
    for (const i of this.#touched) this.#writers[i] = this.#readers[i] = 0;
    this.#touched = [];
  }
}

/**
 * A program for several threads, run by interpretation. Between barriers the threads take turns in an order drawn anew
 * each time. Private buffers of other threads begin as NaNs.
 * @throws InternalError where a thread touches between two barriers what another one writes there
 */
export function simulate(program: LoweredProgram, threads: number, random: () => number): Executable {
  const { mirrors, stride } = present(program.threads);
  const memory = new ArrayBuffer(mirrors + (threads - 1) * stride);
  const bytes = new Uint8Array(memory);
  for (const { offset, bytes: data } of program.memory.data) bytes.set(data, offset);
  bytes.fill(255, mirrors);
  const races = new Races(memory.byteLength);
  const kernels = new Map<Kernel, RunKernel>();
  const kernelOf = (kernel: Kernel): RunKernel => {
    const observe = (at: number, count: number, writes: boolean): void => races.observe(at, count, writes);
    const run = kernels.get(kernel) ?? compileKernel(kernel, memory, program.mode, observe);
    kernels.set(kernel, run);
    return run;
  };
  const flag = (place: number): boolean => {
    races.observe(place, 1, false);
    return bytes[place] !== 0;
  };

  const whole = (place: number): number => {
    races.observe(place, 4, false);
    return new DataView(memory).getInt32(place, true);
  };

  /** Walks a plan, pausing at every barrier. */
  function* walk(body: readonly PlanStmt[], env: Environment): Generator<void> {
    const placeOf = (name: string): number => present(env.get(name), name);
    for (const s of body) {
      switch (s.op) {
        case "call":
          races.kernel = s.kernel.name;
          kernelOf(s.kernel)(
            s.places.map(e => evaluate(e, env)),
            s.extents.map(e => evaluate(e, env)),
          );
          break;
        case "copy": {
          const [to, from, count] = [s.to, s.from, s.bytes].map(e => evaluate(e, env));
          races.kernel = "copy";
          races.observe(from, count, false);
          races.observe(to, count, true);
          bytes.copyWithin(to, from, from + count);
          break;
        }
        case "place":
          env.set(s.name, evaluate(s.value, env));
          break;
        case "swap": {
          const [a, b] = [placeOf(s.a), placeOf(s.b)];
          env.set(s.a, b);
          env.set(s.b, a);
          break;
        }
        case "for": {
          const all = evaluate(s.count, env);
          const count = s.atMost ? Math.min(all, whole(evaluate(s.atMost, env))) : all;
          for (let i = 0; i < count && (!s.goesOn || flag(evaluate(s.goesOn, env))); i++) {
            env.set(s.name, s.reverse ? count - 1 - i : i);
            yield* walk(s.body, env);
          }
          break;
        }
        case "while":
          while (flag(evaluate(s.condition, env))) yield* walk(s.body, env);
          break;
        case "if":
          yield* walk(flag(evaluate(s.condition, env)) ? s.then : s.otherwise, env);
          break;
        case "barrier":
          yield;
          break;
        case "single":
          if (placeOf(THREAD) === 0) yield* walk(s.body, env);
      }
    }
  }

  const call = (fn: PlanFunction, dims: readonly number[]): void => {
    const count = fn.parallel ? threads : 1;
    const all = Array.from({ length: count }, (_, thread) => {
      const env = new Map(fn.dims.map((d, i) => [d.name, dims[i]]));
      return { thread, steps: walk(fn.body, env.set(THREAD, thread).set(THREADS, count)) };
    });
    for (let done = 0; done < count; races.barrier()) {
      all.sort(() => random() - 0.5);
      const ends = all.map(({ thread, steps }) => {
        races.thread = thread;
        return Boolean(steps.next().done);
      });
      done = ends.filter(Boolean).length;
      if (done > 0 && done < count) throw new InternalError(`${fn.name}: threads meet at different barriers`);
    }
  };
  const functions = Object.fromEntries(
    program.functions.map(fn => [fn.name, (...dims: number[]) => call(fn, dims)] as const),
  );
  return { memory, functions };
}
