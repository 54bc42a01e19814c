import { describe, it } from "vitest";
import {
  type AccessPattern,
  add,
  and,
  assign,
  binary,
  call,
  cast,
  compare,
  fma,
  forStmt,
  ifStmt,
  int,
  irem,
  letStmt,
  literal,
  load,
  ramp,
  resultOf,
  select,
  splat,
  store,
  unary,
  variable,
  varStmt,
} from "../../src/loop/build.ts";
import { scalarFunction } from "../../src/loop/functions/index.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { BinaryFn, CompareFn, Expr, Kernel, Lanes, Stmt, UnaryFn } from "../../src/loop/ir.ts";
import { verifyKernel } from "../../src/loop/verify.ts";
import { DTYPES, type DType, isFloat } from "../../src/shared/dtype.ts";
import { present } from "../../src/shared/errors.ts";
import { jsKernel, type Run } from "./js-support.ts";
import { BINARY, BINARY_DTYPES, COMPARE, UNARY, UNARY_DTYPES } from "./wasm-reference.ts";
import { expectSame, kernelOf, type Placed, placesOf, runWasm, samplesOf, seeded, viewsOf } from "./wasm-support.ts";

const KERNELS = 150;
const SIZE = 16;
const EXTENTS: Readonly<Record<string, number>> = { n: SIZE, z: 0 };

/** Random kernels: typed expressions of some depth over loads, variables and loops. */
class Generator {
  readonly random: () => number;
  readonly lanes: Lanes;
  readonly dtypes: readonly DType[];
  readonly variables: { readonly name: string; readonly dtype: DType }[] = [];
  private names = 0;

  constructor(seed: number, lanes: Lanes) {
    this.random = seeded(seed);
    this.lanes = lanes;
    this.dtypes = lanes === 4 ? DTYPES.filter(d => d !== "f64") : DTYPES;
  }

  pick<T>(list: readonly T[]): T {
    return present(list[Math.floor(this.random() * list.length)]);
  }

  /** Lanes within the bounds of SIZE elements, consecutive or not; some not there, or far away and masked. */
  access(): { readonly index: Expr; readonly pattern: AccessPattern } {
    const [by, first] = [this.pick([1, 1, 1, 0, 2, 3, -1, -3]), int(Math.floor(this.random() * 40))];
    const span = (this.lanes - 1) * Math.abs(by);
    const start = irem(add(variable("i"), first), int(SIZE - span));
    const index = add(start, int(by < 0 ? span : 0));
    const stride = this.lanes === 1 ? {} : { stride: this.random() < 0.5 ? int(by) : add(variable("z"), int(by)) };
    const choice = this.random();
    if (choice < 0.6) return { index, pattern: stride };
    if (choice < 0.7) return { index: int(2 ** 28), pattern: { mask: this.never(), ...stride } };
    return { index, pattern: { ...stride, mask: this.expr("bool", 1) } };
  }

  /** False in all lanes, though no constant. */
  never(): Expr {
    return splat(compare("gt", variable("z"), int(0)), this.lanes);
  }

  load(dtype: DType): Expr {
    const { index, pattern } = this.access();
    return load(dtype, dtype, index, this.lanes, pattern);
  }

  store(dtype: DType): Stmt {
    const { index, pattern } = this.access();
    return store(`${dtype}_out`, index, this.expr(dtype, 3), pattern);
  }

  leaf(dtype: DType): Expr {
    const known = this.variables.filter(v => v.dtype === dtype);
    const choice = this.random();
    if (choice < 0.4 && known.length > 0) return variable(this.pick(known).name, dtype, this.lanes);
    if (choice < 0.8) return this.load(dtype);
    if (choice < 0.9 && dtype === "i32" && this.lanes > 1) return ramp(this.lanes);
    return literal(dtype, this.pick(samplesOf(dtype, this.random)), this.lanes);
  }

  expr(dtype: DType, depth: number): Expr {
    if (depth === 0) return this.leaf(dtype);
    const next = (d: DType): Expr => this.expr(d, depth - 1);
    const choice = this.random();
    if (choice < 0.15) return select(next("bool"), next(dtype), next(dtype));
    if (choice < 0.25) return cast(dtype, next(this.pick(this.dtypes)));
    if (dtype === "bool" && choice < 0.7) {
      const operand = this.pick(this.dtypes);
      return compare(this.pick(Object.keys(COMPARE) as CompareFn[]), next(operand), next(operand));
    }
    if (isFloat(dtype) && choice < 0.35) return fma(next(dtype), next(dtype), next(dtype));
    if (isFloat(dtype) && choice < 0.42) {
      return call(scalarFunction(this.pick(["exp", "tanh", "log", "sin"] as const), dtype), next(dtype));
    }
    if (choice < 0.55) {
      const fns = (Object.keys(UNARY) as UnaryFn[]).filter(
        fn => UNARY_DTYPES[fn].includes(dtype) && resultOf(fn, dtype) === dtype,
      );
      if (fns.length > 0) return unary(this.pick(fns), next(dtype));
    }
    const fn = this.pick((Object.keys(BINARY) as BinaryFn[]).filter(f => BINARY_DTYPES[f].includes(dtype)));
    return binary(fn, next(dtype), next(fn === "ldexp" ? "i32" : dtype));
  }

  statements(): Stmt[] {
    const body: Stmt[] = [];
    const name = (): string => `v${this.names++}`;
    for (const dtype of this.dtypes) {
      const [fixed, changing, j] = [name(), name(), name()];
      body.push(letStmt(fixed, this.expr(dtype, 2)), varStmt(changing, this.expr(dtype, 1)));
      this.variables.push({ name: fixed, dtype }, { name: changing, dtype });
      body.push(
        forStmt(j, int(0), int(3), [
          ifStmt(and(this.odd(j), literal("bool", 1)), [assign(changing, this.expr(dtype, 3))]),
        ]),
      );
    }
    for (const dtype of this.dtypes) {
      body.push(store(`${dtype}_out`, variable("i"), this.expr(dtype, 3)), this.store(dtype));
    }
    return body;
  }

  odd(j: string): Expr {
    return compare("eq", irem(add(variable("i"), variable(j)), int(2)), int(1));
  }

  kernel(): Kernel {
    const buffers = Object.fromEntries(this.dtypes.flatMap(d => [d, `${d}_out`].map(name => [name, d])));
    const body = [forStmt("i", int(0), variable("n"), this.statements(), { step: this.lanes })];
    return kernelOf("random", buffers, body, ["n", "z"]);
  }
}

/** A random kernel, its buffers and what the interpreter makes of them. */
function sample(seed: number, lanes: Lanes) {
  const generator = new Generator(1000 * lanes + seed, lanes);
  const kernel = generator.kernel();
  verifyKernel(kernel);
  const buffers = kernel.buffers.map(({ dtype, name }) => ({
    dtype,
    values: Array.from({ length: SIZE }, () =>
      name.endsWith("_out") ? 0 : generator.pick(samplesOf(dtype, generator.random)),
    ),
  }));
  return { kernel, buffers, expected: inMemory(kernel, buffers, memory => compileKernel(kernel, memory)) };
}

/** The contents of all buffers after a run over memory of the test's own. */
function inMemory(kernel: Kernel, buffers: readonly Placed[], compile: (memory: ArrayBuffer) => Run): number[][] {
  const { places, bytes } = placesOf(buffers);
  const memory = new ArrayBuffer(bytes);
  const views = viewsOf(memory, buffers, places);
  for (const [i, view] of views.entries()) view.set(buffers[i].values);
  compile(memory)(
    places,
    kernel.extents.map(name => EXTENTS[name]),
  );
  return views.map(view => [...view]);
}

describe("random kernels equal their interpretation, bit for bit", () => {
  const seeds = Array.from({ length: KERNELS }, (_, seed) => seed);

  it.each([1, 2, 4] as const)(`${KERNELS} kernels of %i lanes`, lanes => {
    for (const seed of seeds) {
      const { kernel, buffers, expected } = sample(seed, lanes);
      const actual = runWasm(
        kernel,
        buffers,
        kernel.extents.map(name => EXTENTS[name]),
      );
      actual.forEach((values, b) => {
        expectSame(values, expected[b], i => `seed ${seed}, ${kernel.buffers[b].name}[${i}]`);
      });
    }
  });

  it(`${KERNELS} kernels of one lane as JavaScript`, () => {
    for (const seed of seeds) {
      const { kernel, buffers, expected } = sample(seed, 1);
      const actual = inMemory(kernel, buffers, memory => jsKernel(kernel, memory, "reproducible"));
      actual.forEach((values, b) => {
        expectSame(values, expected[b], i => `seed ${seed}, ${kernel.buffers[b].name}[${i}]`);
      });
    }
  });
});
