import { describe, it } from "vitest";
import {
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
  select,
  store,
  unary,
  variable,
  varStmt,
} from "../../src/loop/build.ts";
import { scalarFunction } from "../../src/loop/functions/index.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { BinaryFn, CompareFn, Expr, Kernel, Lanes, Stmt, UnaryFn } from "../../src/loop/ir.ts";
import { DTYPES, type DType, isFloat } from "../../src/shared/dtype.ts";
import { present } from "../../src/shared/errors.ts";
import { BINARY, BINARY_DTYPES, COMPARE, UNARY, UNARY_DTYPES } from "./wasm-reference.ts";
import { expectSame, kernelOf, placesOf, runWasm, samplesOf, seeded, viewsOf } from "./wasm-support.ts";

const KERNELS = 150;
const SIZE = 16;

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

  /** A load within bounds: SIZE elements, fewer by the lanes. */
  load(dtype: DType): Expr {
    const index = irem(add(variable("i"), int(Math.floor(this.random() * 40))), int(SIZE - this.lanes + 1));
    return load(dtype, dtype, index, this.lanes);
  }

  leaf(dtype: DType): Expr {
    const known = this.variables.filter(v => v.dtype === dtype);
    const choice = this.random();
    if (choice < 0.4 && known.length > 0) return variable(this.pick(known).name, dtype, this.lanes);
    if (choice < 0.8) return this.load(dtype);
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
      const fns = (Object.keys(UNARY) as UnaryFn[]).filter(fn => UNARY_DTYPES[fn].includes(dtype) && fn !== "exponent");
      if (fns.length > 0) return unary(this.pick(fns), next(dtype));
    }
    const fn = this.pick((Object.keys(BINARY) as BinaryFn[]).filter(f => BINARY_DTYPES[f].includes(dtype)));
    return binary(fn, next(dtype), next(fn === "ldexp" ? "i32" : dtype));
  }

  statements(): Stmt[] {
    const body: Stmt[] = [];
    const name = (): string => `v${this.names++}`;
    for (const dtype of this.dtypes) {
      const [fixed, changing] = [name(), name()];
      body.push(letStmt(fixed, this.expr(dtype, 2)), varStmt(changing, this.expr(dtype, 1)));
      this.variables.push({ name: fixed, dtype }, { name: changing, dtype });
      body.push(
        forStmt("j", int(0), int(3), [
          ifStmt(and(this.odd(), literal("bool", 1)), [assign(changing, this.expr(dtype, 3))]),
        ]),
      );
    }
    for (const dtype of this.dtypes) body.push(store(`${dtype}_out`, variable("i"), this.expr(dtype, 3)));
    return body;
  }

  odd(): Expr {
    return compare("eq", irem(add(variable("i"), variable("j")), int(2)), int(1));
  }

  kernel(): Kernel {
    const buffers = Object.fromEntries(this.dtypes.flatMap(d => [d, `${d}_out`].map(name => [name, d])));
    const body = [forStmt("i", int(0), variable("n"), this.statements(), { step: this.lanes })];
    return kernelOf("random", buffers, body, ["n"]);
  }
}

describe("random kernels equal their interpretation, bit for bit", () => {
  it.each([1, 2, 4] as const)(`${KERNELS} kernels of %i lanes`, lanes => {
    for (let seed = 0; seed < KERNELS; seed++) {
      const generator = new Generator(1000 * lanes + seed, lanes);
      const kernel = generator.kernel();
      const buffers = kernel.buffers.map(({ dtype, name }) => ({
        dtype,
        values: Array.from({ length: SIZE }, () =>
          name.endsWith("_out") ? 0 : generator.pick(samplesOf(dtype, generator.random)),
        ),
      }));
      const { places, bytes } = placesOf(buffers);
      const memory = new ArrayBuffer(bytes);
      const views = viewsOf(memory, buffers, places);
      for (const [i, view] of views.entries()) view.set(buffers[i].values);
      compileKernel(kernel, memory, "reproducible")(places, [SIZE]);
      const actual = runWasm(kernel, buffers, [SIZE]);
      for (const [b, view] of views.entries()) {
        const about = (i: number): string => `seed ${seed}, ${kernel.buffers[b].name}[${i}]`;
        expectSame(actual[b], [...view], about);
      }
    }
  });
});
