import type { Kernel, Lanes, ScalarFunction } from "../../src/loop/ir.ts";
import { displayName } from "../../src/loop/names.ts";
import { THREAD, THREADS } from "../../src/loop/split.ts";
import { unroll } from "../../src/loop/unroll.ts";
import type { LoweredProgram, PlanFunction, ThreadLayout } from "../../src/plan/ir.ts";
import { GradcError } from "../../src/shared/errors.ts";
import { emitDefinition } from "./call.ts";
import { emitExpression } from "./expression.ts";
import { buildFloatRem } from "./float-rem.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { leastExtents } from "./least.ts";
import { ModuleBuilder } from "./module-builder.ts";
import { emitPlan } from "./plan-statement.ts";
import { type Callees, Scope } from "./scope.ts";
import { emitStatements } from "./statement.ts";
import { buildBarrier, buildRun } from "./threads.ts";
import { valueType } from "./value-type.ts";

export interface WasmOptions {
  /** Use relaxed SIMD (fused multiply-add) where the program's mode allows it. */
  readonly relaxed: boolean;
  /** Write the names of functions into the module, for profilers (default). They are about a twentieth of it. */
  readonly names?: boolean;
}

const MAX_MEMORY_BYTES = 2 ** 32;
export const MEMORY_EXPORT = "memory";

/** What a plan function is exported as: its name, set apart from the memory's. */
export const exportName = (name: string): string => (/^memory\$*$/.test(name) ? `${name}$` : name);
export const functionOfExport = (name: string): string => (/^memory\$+$/.test(name) ? name.slice(0, -1) : name);

/** What the module of a program for several threads imports and exports, besides its functions by their numbers. */
export const THREADED = { imports: "gradc", memory: "memory", stall: "stall", run: "run", init: "init" } as const;

/**
 * The WebAssembly module of a program: one function per kernel (i32 byte offsets of its buffers, then i32 extents), one
 * exported function per plan function (i32 dims), the memory with its constants, and a name section unless it is not
 * wanted. Equal programs give equal bytes.
 *
 * Of a program for several threads: memory and `stall` are imported (threads.ts); plan functions for one thread are
 * exported by their numbers, and `run(thread)` runs the one that the control block names; `init` writes the constants.
 * @throws GradcError `host` for a program that needs more than 4 GiB
 */
export function generateWasm(program: LoweredProgram, options: WasmOptions): Uint8Array {
  return new Generator(program, options).run();
}

class Generator {
  private readonly program: LoweredProgram;
  private readonly relaxed: boolean;
  private readonly module: ModuleBuilder;
  private readonly kernels = new Map<Kernel, number>();
  private readonly callees: Callees;
  private readonly extents: ReadonlyMap<Kernel, readonly number[]>;
  private barrier: number | undefined;

  constructor(program: LoweredProgram, options: WasmOptions) {
    this.program = program;
    this.module = new ModuleBuilder(options.names ?? true);
    this.extents = leastExtents(program);
    this.relaxed = options.relaxed && program.mode === "fast";
    const scalars = new Map<ScalarFunction, number>();
    const vectors = new Map<Lanes, Map<ScalarFunction, number>>();
    let floatRem: number | undefined;
    this.callees = {
      scalar: fn => {
        const index = scalars.get(fn) ?? this.addScalarFunction(fn);
        scalars.set(fn, index);
        return index;
      },
      vector: (fn, lanes) => {
        const known = vectors.get(lanes) ?? new Map<ScalarFunction, number>();
        const index = known.get(fn) ?? this.addVectorFunction(fn, lanes);
        vectors.set(lanes, known.set(fn, index));
        return index;
      },
      floatRem: () => {
        floatRem ??= this.module.addFunction("rem.f64", ["f64", "f64"], ["f64"], buildFloatRem);
        return floatRem;
      },
      barrier: () => this.barrier,
    };
  }

  run(): Uint8Array {
    const { kernels, functions, memory, threads } = this.program;
    if (memory.bytes > MAX_MEMORY_BYTES) {
      throw new GradcError("host", `${this.program.name} needs more memory than WebAssembly can address`, {
        expected: `at most ${MAX_MEMORY_BYTES} bytes`,
        received: `${memory.bytes} bytes`,
        mend: "Lower the bounds of the program's dimensions, or its sizes.",
      });
    }
    const { module } = this;
    for (const { offset, bytes } of memory.data) module.addData(offset, bytes);
    if (threads) {
      const stall = module.importFunction(THREADED.imports, THREADED.stall, ["i32"], []);
      const barrier = (f: FunctionBuilder): void => buildBarrier(f, threads.control, stall);
      this.barrier = module.addFunction("barrier", ["i32"], [], barrier);
    }
    for (const kernel of kernels) this.kernelIndex(kernel);
    const indices = functions.map(fn => this.addPlanFunction(fn));
    if (threads) this.finishThreaded(threads, indices);
    else {
      module.setMemory(MEMORY_EXPORT, memory.bytes);
      functions.forEach((fn, i) => {
        module.exportFunction(exportName(fn.name), indices[i]);
      });
    }
    return module.finish();
  }

  private finishThreaded({ control, mirrors }: ThreadLayout, indices: readonly number[]): void {
    const { module } = this;
    const { functions } = this.program;
    module.importMemory(THREADED.imports, THREADED.memory, mirrors);
    const shared = functions.flatMap((fn, number) =>
      fn.parallel ? [{ number, index: indices[number], dims: fn.dims.length }] : [],
    );
    const run = module.addFunction("run", ["i32"], [], f => buildRun(f, control, shared));
    module.exportFunction(THREADED.run, run);
    module.exportFunction(
      THREADED.init,
      module.addFunction("init", [], [], f => module.initMemory(f)),
    );
    functions.forEach((fn, i) => {
      if (!fn.parallel) module.exportFunction(String(i), indices[i]);
    });
  }

  private scope(f: FunctionBuilder): Scope {
    const varies = this.program.mode === "fast";
    return new Scope({ f, callees: this.callees, relaxed: this.relaxed, varies, emit: emitExpression });
  }

  private kernelIndex(kernel: Kernel): number {
    const index = this.kernels.get(kernel) ?? this.addKernel(kernel);
    this.kernels.set(kernel, index);
    return index;
  }

  private addKernel(kernel: Kernel): number {
    const params = [...kernel.buffers.map(b => b.name), ...kernel.extents];
    const types = params.map(() => "i32" as const);
    return this.module.addFunction(kernel.name, types, [], f => {
      const scope = this.scope(f);
      const extents = this.extents.get(kernel) ?? [];
      for (const [local, name] of params.entries()) {
        const least = extents[local - kernel.buffers.length] ?? 0;
        scope.alias(name, { local, type: "i32", least, depth: 0 });
      }
      emitStatements(scope, unroll(kernel).body);
    });
  }

  private addScalarFunction(fn: ScalarFunction): number {
    const types = fn.params.map(({ dtype }) => valueType({ dtype, lanes: 1 }));
    return this.module.addFunction(fn.name, types, [valueType(fn.result)], f => {
      const scope = this.scope(f);
      for (const [local, { name }] of fn.params.entries()) {
        scope.alias(name, { local, type: types[local], depth: 0 });
      }
      emitStatements(scope, fn.body);
      scope.expression(fn.result);
    });
  }

  private addVectorFunction(fn: ScalarFunction, lanes: Lanes): number {
    const types = fn.params.map(() => "v128" as const);
    return this.module.addFunction(`${fn.name}.${lanes}`, types, ["v128"], f => {
      const scope = this.scope(f);
      for (const [local, param] of fn.params.entries()) {
        scope.alias(param.name, { local, type: "v128", depth: 0 });
      }
      emitDefinition(scope, fn, lanes);
    });
  }

  private addPlanFunction(fn: PlanFunction): number {
    const params = [...(fn.parallel ? [THREAD, THREADS] : []), ...fn.dims.map(d => d.name)];
    const types = params.map(() => "i32" as const);
    return this.module.addFunction(displayName(fn.name), types, [], f => {
      const scope = this.scope(f);
      for (const [local, name] of params.entries()) scope.alias(name, { local, type: "i32", least: 0, depth: 0 });
      emitPlan(scope, fn.body, kernel => this.kernelIndex(kernel));
    });
  }
}
