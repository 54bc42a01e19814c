import type { Kernel, ScalarFunction } from "../../src/loop/ir.ts";
import { displayName } from "../../src/loop/names.ts";
import { unroll } from "../../src/loop/unroll.ts";
import type { LoweredProgram, PlanFunction } from "../../src/plan/ir.ts";
import { GradcError } from "../../src/shared/errors.ts";
import { emitExpression } from "./expression.ts";
import { buildFloatRem } from "./float-rem.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { ModuleBuilder } from "./module-builder.ts";
import { emitPlan } from "./plan-statement.ts";
import { type Callees, Scope } from "./scope.ts";
import { emitStatements } from "./statement.ts";
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

/**
 * The WebAssembly module of a program: one function per kernel (i32 byte offsets of its buffers, then i32 extents), one
 * exported function per plan function (i32 dims), the memory with its constants, and a name section unless it is not
 * wanted. Equal programs give equal bytes.
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

  constructor(program: LoweredProgram, options: WasmOptions) {
    this.program = program;
    this.module = new ModuleBuilder(options.names ?? true);
    this.relaxed = options.relaxed && program.mode === "fast";
    const scalars = new Map<ScalarFunction, number>();
    let floatRem: number | undefined;
    this.callees = {
      scalar: fn => {
        const index = scalars.get(fn) ?? this.addScalarFunction(fn);
        scalars.set(fn, index);
        return index;
      },
      floatRem: () => {
        floatRem ??= this.module.addFunction("rem.f64", ["f64", "f64"], ["f64"], buildFloatRem);
        return floatRem;
      },
    };
  }

  run(): Uint8Array {
    const { kernels, functions, memory } = this.program;
    if (memory.bytes > MAX_MEMORY_BYTES) {
      throw new GradcError("host", `${this.program.name} needs more memory than WebAssembly can address`, {
        expected: `at most ${MAX_MEMORY_BYTES} bytes`,
        received: `${memory.bytes} bytes`,
        mend: "Lower the bounds of the program's dimensions, or its sizes.",
      });
    }
    for (const kernel of kernels) this.kernelIndex(kernel);
    this.module.setMemory(MEMORY_EXPORT, memory.bytes);
    for (const fn of functions) this.module.exportFunction(exportName(fn.name), this.addPlanFunction(fn));
    for (const { offset, bytes } of memory.data) this.module.addData(offset, bytes);
    return this.module.finish();
  }

  private scope(f: FunctionBuilder): Scope {
    return new Scope({ f, callees: this.callees, relaxed: this.relaxed, emit: emitExpression });
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
      for (const [local, name] of params.entries()) scope.alias(name, { local, type: "i32", natural: true, depth: 0 });
      emitStatements(scope, unroll(kernel).body);
    });
  }

  private addScalarFunction(fn: ScalarFunction): number {
    const types = fn.params.map(({ dtype }) => valueType({ dtype, lanes: 1 }));
    return this.module.addFunction(fn.name, types, [valueType(fn.result)], f => {
      const scope = this.scope(f);
      for (const [local, { name }] of fn.params.entries()) {
        scope.alias(name, { local, type: types[local], natural: false, depth: 0 });
      }
      emitStatements(scope, fn.body);
      scope.expression(fn.result);
    });
  }

  private addPlanFunction(fn: PlanFunction): number {
    const types = fn.dims.map(() => "i32" as const);
    return this.module.addFunction(displayName(fn.name), types, [], f => {
      const scope = this.scope(f);
      for (const [local, { name }] of fn.dims.entries())
        scope.alias(name, { local, type: "i32", natural: true, depth: 0 });
      emitPlan(scope, fn.body, kernel => this.kernelIndex(kernel));
    });
  }
}
