import { describe, expect, it } from "vitest";
import { wasmTarget } from "../../codegen/wasm/index.ts";
import * as s from "../../src/loop/build.ts";
import { scalarFunction } from "../../src/loop/functions/index.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { BufferParam, Expr, Kernel, Stmt } from "../../src/loop/ir.ts";
import { printKernel } from "../../src/loop/print.ts";
import { verifyKernel } from "../../src/loop/verify.ts";
import { vectorize } from "../../src/lower/vectorize.ts";
import { DTYPES, type DType, isFloat } from "../../src/shared/dtype.ts";
import { present } from "../../src/shared/errors.ts";
import { expectSame, type Placed, placesOf, runWasm, samplesOf, seeded, viewsOf } from "../codegen/wasm-support.ts";

const profile = wasmTarget.profile("reproducible");
const v = s.variable;
const f32 = (name: string): Expr => v(name, "f32");
const i = v("i");
const r = v("r");

const buffer = (name: string, dtype: DType, access: BufferParam["access"]): BufferParam => ({ name, dtype, access });
const kernelOf = (body: readonly Stmt[], ...extents: string[]): Kernel => ({
  name: "k",
  buffers: [buffer("x", "f32", "read"), buffer("y", "f32", "readwrite"), buffer("m", "bool", "read")],
  extents,
  body,
});

const x = (index: Expr): Expr => s.load("x", "f32", index);
const exp = (e: Expr): Expr => s.call(scalarFunction("exp", "f32"), e);
const loop = (to: Expr, ...body: Stmt[]): Stmt => s.forStmt("i", s.int(0), to, body);

/** The text of a kernel's body after the pass. */
function vectorized(kernel: Kernel): string {
  const result = vectorize(kernel, profile, "reproducible");
  verifyKernel(result);
  return printKernel(result)
    .split("\n")
    .slice(1, -1)
    .map(line => line.slice(2))
    .join("\n");
}

/** y[i] = Σ_r x[r·columns + i] over rows. */
const columnSums = (columns: Expr): Stmt =>
  loop(
    columns,
    s.varStmt("t", s.literal("f32", 0)),
    s.forStmt("r", s.int(0), v("rows"), [s.assign("t", s.add(f32("t"), x(s.iadd(s.imul(r, columns), i))))]),
    s.store("y", i, f32("t")),
  );

describe("loops in lanes", () => {
  it("strided elements that are computed with", () => {
    const body = [loop(s.int(8), s.store("y", i, exp(x(s.iadd(s.imul(i, s.int(40)), v("row"))))))];
    expect(vectorized(kernelOf(body, "row"))).toBe(`for i = 0 .. 8 step 4 {
  y[i .. +4] = exp.f32(x[(i * 40) + row .. +4 by 40])
}`);
  });

  it("strides that only the call knows, backwards, and in stores", () => {
    const at = s.isub(s.int(100), s.imul(v("n"), i));
    const value = s.mul(s.add(x(at), s.literal("f32", 1)), s.mul(x(i), x(i)));
    const body = [loop(s.int(4), s.store("y", s.imul(i, s.int(3)), s.div(value, s.mul(value, value))))];
    const text = vectorized(kernelOf(body, "n"));
    expect(text).toContain("y[i * 3 .. +4 by 3]");
    expect(text).toContain("x[100 - (n * i) .. +4 by 0 - n]");
    expect(text).toContain("x[i .. +4]");
  });

  it("elements that are only moved stay one by one where they lie apart", () => {
    const apart = kernelOf([loop(s.int(8), s.store("y", i, x(s.imul(i, s.int(2)))))]);
    expect(vectorize(apart, profile, "reproducible")).toEqual(apart);
    const together = kernelOf([loop(s.int(8), s.store("y", i, x(i)))]);
    expect(vectorized(together)).toContain("y[i .. +4] = x[i .. +4]");
  });

  it("bools as masks", () => {
    const mask = s.load("m", "bool", i);
    const body = [loop(s.int(4), s.store("y", i, s.select(mask, x(i), s.cast("f32", mask))))];
    expect(vectorized(kernelOf(body))).toContain("y[i .. +4] = select(m[i .. +4], x[i .. +4], f32x4(m[i .. +4]))");
  });

  it("elements that are there in some rounds only, as masks", () => {
    const at = s.isub(i, s.int(3));
    const padded = s.guard(s.and(s.ge(i, s.int(3)), s.lt(i, s.int(10))), x(at), s.literal("f32", -1));
    expect(vectorized(kernelOf([loop(s.int(12), s.store("y", i, padded))]))).toBe(`for i = 0 .. 12 step 4 {
  let v = ((i.splat4 + ramp4) >= 3.splat4) & ((i.splat4 + ramp4) < 10.splat4)
  y[i .. +4] = select(v, x[i + -3 .. +4 if v], -1.0.splat4)
}`);
    // The same element for all of them is not read either where none is there.
    const single = s.guard(s.lt(i, v("n")), x(v("n")), s.guard(s.gt(i, s.int(9)), x(i), s.literal("f32", 0)));
    expect(vectorized(kernelOf([loop(s.int(12), s.store("y", i, single))], "n"))).toBe(`for i = 0 .. 12 step 4 {
  let v = (i.splat4 + ramp4) < n.splat4
  let v_0 = not(v)
  let v_1 = (i.splat4 + ramp4) > 9.splat4
  let v_2 = v_0 & v_1
  y[i .. +4] = select(v, x[n .. +4 by 0 if v], select(v_1, x[i .. +4 if v_2], 0.0.splat4))
}`);
  });

  it("the number of a round as a value", () => {
    const hot = s.select(s.eq(i, v("n")), x(i), s.cast("f32", s.imul(i, s.int(3))));
    expect(vectorized(kernelOf([loop(s.int(4), s.store("y", i, hot))], "n"))).toContain(
      "select((i.splat4 + ramp4) == n.splat4, x[i .. +4], f32x4((i * 3).splat4 + (ramp4 * 3.splat4)))",
    );
  });

  it("what depends on the order of rounds stays as it is", () => {
    const plus = (e: Expr): Expr => s.mul(s.add(e, s.literal("f32", 1)), s.literal("f32", 3));
    const y = (index: Expr): Expr => s.load("y", "f32", index);
    const bodies: Stmt[][] = [
      // The element before, the same element for all, elements that may meet.
      [s.store("y", s.iadd(i, s.int(1)), plus(y(i)))],
      [s.store("y", s.int(0), plus(x(i)))],
      [s.store("y", s.imul(i, v("n")), plus(plus(plus(y(s.imul(i, v("n")))))))],
      [s.store("y", i, plus(y(s.int(3))))],
      // A variable from outside, and a place that is no sum of multiples.
      [s.assign("t", s.add(f32("t"), x(i))), s.store("y", i, f32("t"))],
      [s.store("y", s.irem(i, v("n")), plus(x(i)))],
      // Two places that meet in another order.
      [s.store("y", i, plus(x(i))), s.store("y", s.iadd(i, s.int(1)), x(i))],
      // Stores inside an inner loop.
      [s.forStmt("r", s.int(0), s.int(3), [s.store("y", s.iadd(i, r), plus(x(i)))])],
      // A place that may not even be computed in every round.
      [s.store("y", i, s.guard(s.gt(i, s.int(3)), x(s.iadd(i, s.cast("i32", x(s.int(1))))), x(i)))],
      // More lanes than a vector of f64 has.
      [s.store("y", i, s.cast("f32", s.mul(s.cast("f64", x(i)), s.cast("f64", x(i)))))],
      // Inner loops whose rounds differ from lane to lane.
      [
        s.varStmt("p", s.literal("f32", 0)),
        s.forStmt("r", s.int(0), i, [s.assign("p", s.add(f32("p"), x(i)))]),
        s.store("y", i, f32("p")),
      ],
    ];
    for (const body of bodies) {
      const kernel = kernelOf([s.varStmt("t", s.literal("f32", 0)), loop(s.int(8), ...body)], "n");
      verifyKernel(kernel);
      const result = vectorize(kernel, profile, "reproducible");
      expect(result.body.at(-1), printKernel(result)).toMatchObject({ op: "for", name: "i", step: 1 });
    }
  });
});

describe("sums of columns", () => {
  it("several vectors side by side, then single ones, then single columns in one pass", () => {
    expect(vectorized(kernelOf([columnSums(s.int(39))], "rows"))).toBe(`for i = 0 .. 32 step 32 {
  var t: f32x4 = 0.0.splat4
  var v: f32x4 = 0.0.splat4
  var v_0: f32x4 = 0.0.splat4
  var v_1: f32x4 = 0.0.splat4
  var v_2: f32x4 = 0.0.splat4
  var v_3: f32x4 = 0.0.splat4
  var v_4: f32x4 = 0.0.splat4
  var v_5: f32x4 = 0.0.splat4
  for r = 0 .. rows {
    t = t + x[(r * 39) + i .. +4]
    v = v + x[(r * 39) + (i + 4) .. +4]
    v_0 = v_0 + x[(r * 39) + (i + 8) .. +4]
    v_1 = v_1 + x[(r * 39) + (i + 12) .. +4]
    v_2 = v_2 + x[(r * 39) + (i + 16) .. +4]
    v_3 = v_3 + x[(r * 39) + (i + 20) .. +4]
    v_4 = v_4 + x[(r * 39) + (i + 24) .. +4]
    v_5 = v_5 + x[(r * 39) + (i + 28) .. +4]
  }
  y[i .. +4] = t
  y[i + 4 .. +4] = v
  y[i + 8 .. +4] = v_0
  y[i + 12 .. +4] = v_1
  y[i + 16 .. +4] = v_2
  y[i + 20 .. +4] = v_3
  y[i + 24 .. +4] = v_4
  y[i + 28 .. +4] = v_5
}
for i_0 = 32 .. 36 step 4 {
  var v_6: f32x4 = 0.0.splat4
  for v_7 = 0 .. rows {
    v_6 = v_6 + x[(v_7 * 39) + i_0 .. +4]
  }
  y[i_0 .. +4] = v_6
}
for i_1 = 36 .. 39 step 3 {
  var v_8: f32 = 0.0
  var v_10: f32 = 0.0
  var v_11: f32 = 0.0
  for v_9 = 0 .. rows {
    v_8 = v_8 + x[(v_9 * 39) + i_1]
    v_10 = v_10 + x[(v_9 * 39) + (i_1 + 1)]
    v_11 = v_11 + x[(v_9 * 39) + (i_1 + 2)]
  }
  y[i_1] = v_8
  y[i_1 + 1] = v_10
  y[i_1 + 2] = v_11
}`);
  });

  it("as many columns as the call says", () => {
    const text = vectorized(kernelOf([columnSums(v("columns"))], "rows", "columns"));
    expect(text.match(/ step \d+/g)).toEqual([" step 32", " step 4"]);
    expect(text).toContain("let whole = columns - (columns % 32)");
    expect(text).toContain("let whole_0 = columns - ((columns - whole) % 4)");
  });

  it("what columns share is named where it is used", () => {
    const shared = x(v("rows"));
    const fold = (t: string, j: string): Stmt[] => [
      s.varStmt(t, s.literal("f32", 0)),
      s.forStmt(j, s.int(0), v("rows"), [s.assign(t, s.add(f32(t), s.mul(x(s.iadd(v(j), i)), shared)))]),
    ];
    const body = loop(s.int(8), ...fold("t", "j"), ...fold("u", "k"), s.store("y", i, s.mul(f32("t"), f32("u"))));
    expect(vectorized(kernelOf([body], "rows")).match(/x\[rows\]/g)).toHaveLength(2);
  });

  it("what columns share is loaded once", () => {
    const body = loop(
      s.int(8),
      s.varStmt("t", s.literal("f32", 0)),
      s.forStmt("r", s.int(0), v("rows"), [
        s.assign("t", s.add(f32("t"), s.mul(x(s.iadd(s.imul(r, s.int(8)), i)), x(r)))),
      ]),
      s.store("y", i, f32("t")),
    );
    expect(vectorized(kernelOf([body], "rows")).match(/x\[r\]/g)).toHaveLength(1);
  });
});

/** Random loops over i of lets, folds and stores, at affine places of buffers that hold them. */
class Generator {
  private static readonly MOST = 24;
  static readonly SIZE = 512;
  readonly random: () => number;
  private readonly dtypes: readonly DType[];
  private readonly known: { readonly name: string; readonly dtype: DType }[] = [];
  private readonly places = new Map<DType, Expr>();
  private readonly indices: Expr[] = [];
  private names = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.dtypes = this.random() < 0.3 ? ["f64", "bool"] : DTYPES.filter(d => d !== "f64");
  }

  pick<T>(list: readonly T[]): T {
    return present(list[Math.floor(this.random() * list.length)]);
  }

  private name(): string {
    return `v${this.names++}`;
  }

  /** c + i·k with |k| ≤ 5; within SIZE for i, r < MOST. */
  private place(inner: readonly Expr[]): Expr {
    const step = this.pick<Expr>([s.int(1), s.int(1), s.int(1), s.int(0), s.int(2), s.int(-1), s.int(-3), v("five")]);
    const scaled = this.random() < 0.5 ? s.imul(i, step) : s.imul(step, i);
    const across = inner.map(j => s.imul(j, s.int(this.pick([0, 1, 5]))));
    if (this.random() < 0.3 && this.indices.length > 0) return [this.pick(this.indices), ...across].reduce(s.iadd);
    return [scaled, ...across].reduce(s.iadd, s.int(3 * Generator.MOST + Math.floor(this.random() * 20)));
  }

  private load(dtype: DType, inner: readonly Expr[]): Expr {
    const own = this.places.get(dtype);
    if (own && this.random() < 0.2) return s.load(`${dtype}_out`, dtype, own);
    const gathered = this.random() < 0.1 ? [s.load("places", "i32", this.pick([...inner, s.int(3)]))] : [];
    return s.load(dtype, dtype, [...gathered, this.place(inner)].reduce(s.iadd));
  }

  /** An element that is there in some rounds only, and may be far away in others. */
  private guarded(dtype: DType, depth: number, inner: readonly Expr[]): Expr {
    const near = s.iadd(this.place(inner), s.int(Math.floor(this.random() * 700) - 200));
    const far = s.iadd(s.imul(i, s.int(2 ** 22)), s.int(this.pick([0, -(2 ** 22), 3])));
    const at = this.random() < 0.5 ? near : far;
    const inside = s.and(s.ge(at, s.int(0)), s.lt(at, s.int(Generator.SIZE)));
    const element = s.load(dtype, dtype, at);
    const otherwise = this.random() < 0.3 ? this.guarded(dtype, 0, inner) : this.expr(dtype, depth, inner);
    return this.random() < 0.5
      ? s.guard(inside, element, otherwise)
      : s.guard(s.unary("not", inside), otherwise, this.random() < 0.5 ? element : s.cast(dtype, element));
  }

  private expr(dtype: DType, depth: number, inner: readonly Expr[]): Expr {
    const next = (d: DType): Expr => this.expr(d, depth - 1, inner);
    const choice = this.random();
    if (depth > 0 && this.random() < 0.06) return this.guarded(dtype, depth - 1, inner);
    if (this.random() < 0.04) return s.cast(dtype, this.pick([i, ...inner, ...this.indices]));
    if (depth === 0 || choice < 0.15) {
      const named = this.known.filter(k => k.dtype === dtype);
      if (named.length > 0 && choice < 0.08) return v(this.pick(named).name, dtype);
      return choice < 0.12 ? s.literal(dtype, this.pick(samplesOf(dtype, this.random))) : this.load(dtype, inner);
    }
    if (choice < 0.3) return s.select(next("bool"), next(dtype), next(dtype));
    if (choice < 0.4) return s.cast(dtype, next(this.pick(this.dtypes)));
    if (dtype === "bool") {
      const d = this.pick(this.dtypes);
      return choice < 0.7 ? s.compare(this.pick(["lt", "eq", "ge"]), next(d), next(d)) : s.unary("not", next(dtype));
    }
    if (dtype === "f32" && choice < 0.5) return exp(next(dtype));
    if (isFloat(dtype) && choice < 0.6) return s.unary(this.pick(["neg", "abs", "sqrt"]), next(dtype));
    return s.binary(this.pick(["add", "sub", "mul", "min", "max"]), next(dtype), next(dtype));
  }

  private fold(dtype: DType, inner: readonly Expr[]): Stmt[] {
    const [t, j, part] = [this.name(), this.name(), this.name()];
    const deeper = [...inner, v(j)];
    const before = this.known.length;
    const body = this.random() < 0.2 && inner.length === 0 ? this.fold(dtype, deeper) : [];
    if (this.random() < 0.3) {
      body.push(s.letStmt(part, this.expr(dtype, 1, deeper)));
      this.known.push({ name: part, dtype });
    }
    const next = this.expr(dtype, 2, deeper);
    const join = this.pick(["add", "mul", "max"] as const);
    body.push(s.assign(t, dtype === "bool" ? s.and(v(t, dtype), next) : s.binary(join, v(t, dtype), next)));
    this.known.length = before;
    const to = this.pick<Expr>([s.int(3), v("rows"), s.int(7)]);
    this.known.push({ name: t, dtype });
    const init = this.random() < 0.5 ? s.literal(dtype, 1) : this.load(dtype, inner);
    return [s.varStmt(t, init), s.forStmt(j, s.int(this.pick([0, 1])), to, body)];
  }

  kernel(): Kernel {
    const body: Stmt[] = [];
    for (const name of ["p", "q"]) {
      body.push(s.letStmt(name, this.place([])));
      this.indices.push(v(name));
    }
    for (const dtype of this.dtypes) if (this.random() < 0.6) this.places.set(dtype, this.place([]));
    if (this.places.size === 0) this.places.set(this.dtypes[0], i);
    for (const dtype of [...this.places.keys()]) {
      if (this.random() < 0.5) body.push(...this.fold(dtype, []));
      const name = this.name();
      body.push(s.letStmt(name, this.expr(dtype, 2, [])));
      this.known.push({ name, dtype });
    }
    for (const [dtype, at] of this.places) body.push(s.store(`${dtype}_out`, at, this.expr(dtype, 2, [])));
    const from = s.int(this.pick([0, 0, 2]));
    const to = this.random() < 0.4 ? v("n") : s.int(Math.floor(this.random() * Generator.MOST));
    return {
      name: "random",
      buffers: [
        ...this.dtypes.flatMap(d => [buffer(d, d, "read"), buffer(`${d}_out`, d, "readwrite")]),
        buffer("places", "i32", "read"),
      ],
      extents: ["n", "rows", "five"],
      body: [s.forStmt("i", from, to, body)],
    };
  }
}

describe("what a loop writes and reads elsewhere", () => {
  /** y[i + row] += y[i]: rows of one matrix. */
  const rows = (parallel: boolean, isPrivate = false): Kernel => {
    const at = s.iadd(i, v("row"));
    const y = (index: Expr): Expr => s.load("y", "f32", index);
    const body = [s.store("y", at, s.add(y(at), y(i)))];
    const kernel = kernelOf([s.forStmt("i", s.int(0), s.int(8), body, { parallel })], "row");
    return { ...kernel, buffers: kernel.buffers.map(b => ({ ...b, private: isPrivate && b.name === "y" })) };
  };

  it("goes in lanes where the loop says that no round meets another", () => {
    expect(vectorized(rows(true))).toContain("y[i + row .. +4] = y[i + row .. +4] + y[i .. +4]");
  });

  it("stays one by one where it does not, or all rounds may write the buffer", () => {
    expect(vectorized(rows(false))).not.toContain(".. +4");
    expect(vectorized(rows(true, true))).not.toContain(".. +4");
  });
});

describe("random loops", () => {
  const KERNELS = 400;
  const used = { vectors: 0, strides: 0, folds: 0, masks: 0, ramps: 0 };

  it(`${KERNELS} kernels give the same bits in lanes, interpreted and as WebAssembly`, () => {
    for (let seed = 0; seed < KERNELS; seed++) {
      const generator = new Generator(seed);
      const kernel = generator.kernel();
      verifyKernel(kernel);
      const wide = vectorize(kernel, profile, "reproducible");
      verifyKernel(wide);
      const text = printKernel(wide);
      if (text.includes(" .. +")) used.vectors++;
      if (/\.\. \+\d by /.test(text)) used.strides++;
      if (/var \w+: \w+x[24]/.test(text)) used.folds++;
      if (/\.\. \+\d.* if \w+\]/.test(text)) used.masks++;
      if (/ramp\d/.test(text)) used.ramps++;
      const buffers = kernel.buffers.map(
        ({ dtype, name }): Placed => ({
          dtype,
          values: Array.from({ length: Generator.SIZE }, () =>
            name === "places"
              ? Math.floor(generator.random() * 50)
              : generator.pick(samplesOf(dtype, generator.random)),
          ),
        }),
      );
      const sizes = [Math.floor(generator.random() * 24), 1 + Math.floor(generator.random() * 6), 5];
      const expected = interpret(kernel, buffers, sizes);
      for (const actual of [interpret(wide, buffers, sizes), runWasm(wide, buffers, sizes)]) {
        actual.forEach((values, b) => {
          expectSame(values, expected[b], at => `seed ${seed}, ${kernel.buffers[b].name}[${at}] of\n${text}`);
        });
      }
    }
    expect(used.vectors).toBeGreaterThan(KERNELS / 3);
    expect(used.strides).toBeGreaterThan(KERNELS / 10);
    expect(used.masks).toBeGreaterThan(KERNELS / 10);
    expect(used.ramps).toBeGreaterThan(KERNELS / 10);
    expect(used.folds).toBeGreaterThan(KERNELS / 10);
  });
});

function interpret(kernel: Kernel, buffers: readonly Placed[], extents: readonly number[]): number[][] {
  const { places, bytes } = placesOf(buffers);
  const memory = new ArrayBuffer(bytes);
  const views = viewsOf(memory, buffers, places);
  for (const [k, view] of views.entries()) view.set(buffers[k].values);
  compileKernel(kernel, memory)(places, extents);
  return views.map(view => [...view]);
}
