import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as s from "../../src/loop/build.ts";
import { costOf } from "../../src/loop/cost.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { BufferParam, Expr, Kernel, Stmt } from "../../src/loop/ir.ts";
import { phasesOf } from "../../src/loop/phases.ts";
import { printKernel } from "../../src/loop/print.ts";
import { splitKernel } from "../../src/loop/split.ts";
import { verifyKernel } from "../../src/loop/verify.ts";

const SIZE = 4096;
const parallel = { parallel: true };
const buffer = (name: string, rest: Partial<BufferParam> = {}): BufferParam => ({
  name,
  dtype: "i32",
  access: "readwrite",
  ...rest,
});

function kernelOf(body: readonly Stmt[], extents: readonly string[] = ["n", "m"]): Kernel {
  return { name: "test", buffers: [buffer("y"), buffer("p", { private: true })], extents, body };
}

/** y[at] += 1 */
const visit = (at: Expr): Stmt => s.store("y", at, s.add(s.load("y", "i32", at), s.int(1)));

interface Run {
  readonly y: Int32Array;
  /** How many elements each thread touched. */
  readonly work: number[];
}

/** Runs all threads of a kernel one after the other; with `threads` 0, the kernel as it is. */
function run(kernel: Kernel, threads: number, extents: readonly number[]): Run {
  verifyKernel(kernel);
  const memory = new ArrayBuffer(8 * SIZE);
  const split = threads > 0 ? splitKernel(kernel) : kernel;
  verifyKernel(split);
  const work = Array.from({ length: Math.max(1, threads) }, (_, thread) => {
    let stores = 0;
    const count = (at: number, _bytes: number, writes: boolean): void => {
      if (writes && at < 4 * SIZE) stores++;
    };
    // What other threads have packed is not there.
    new Int32Array(memory, 4 * SIZE).fill(-1);
    compileKernel(split, memory, "fast", count)([0, 4 * SIZE], threads > 0 ? [...extents, thread, threads] : extents);
    return stores;
  });
  return { y: new Int32Array(memory, 0, SIZE), work };
}

/** Every thread count must do what one does, and share the work out so that no one has `slack` more than its share. */
function check(kernel: Kernel, threads: number, extents: readonly number[], slack: number): void {
  const one = run(kernel, 0, extents);
  const many = run(kernel, threads, extents);
  expect(many.y).toEqual(one.y);
  const total = many.work.reduce((a, b) => a + b, 0);
  expect(total).toBe(one.work[0]);
  expect(Math.max(...many.work), printKernel(splitKernel(kernel))).toBeLessThanOrEqual(total / threads + slack);
}

const [i, j, k] = ["i", "j", "k"].map(name => s.variable(name));
const [n, m] = [s.variable("n"), s.variable("m")];
const sizes = fc.nat(40);
const counts = fc.integer({ min: 1, max: 9 });
const steps = fc.integer({ min: 1, max: 7 });
/** A bound as a constant, or as an extent. */
const bound = (known: boolean, value: number, extent: Expr): Expr => (known ? s.int(value) : extent);

describe("a split kernel", () => {
  it("runs every round of a loop once, in even shares", () => {
    const property = fc.property(sizes, counts, steps, sizes, fc.boolean(), (size, threads, step, from, known) => {
      const to = bound(known, size, n);
      check(kernelOf([s.forStmt("i", s.int(from), to, [visit(i)], { step, ...parallel })]), threads, [size, 0], 1);
    });
    fc.assert(property, { numRuns: 300, seed: 1 });
  });

  it("shares two loops out together where the outer one has few rounds", () => {
    const property = fc.property(sizes, sizes, counts, steps, fc.boolean(), (rows, columns, threads, step, known) => {
      const [height, width] = [bound(known, rows, n), bound(known, columns, m)];
      const inner = s.forStmt("j", s.int(0), width, [visit(s.iadd(s.imul(i, s.int(64)), j))], { step, ...parallel });
      const nest = s.forStmt("i", s.int(0), height, [inner], { ...parallel });
      check(kernelOf([nest]), threads, [rows, columns], known && rows >= 32 ? 40 : 1);
    });
    fc.assert(property, { numRuns: 300, seed: 2 });
  });

  it("keeps the rest of a row of vectors with its end, and fills private buffers for every part of a row", () => {
    const property = fc.property(sizes, sizes, counts, (rows, columns, threads) => {
      const at = (column: Expr): Expr => s.iadd(s.imul(i, s.int(64)), column);
      const packed = (column: Expr): Stmt =>
        s.store("y", at(column), s.add(s.load("y", "i32", at(column)), s.load("p", "i32", column)));
      const body: Stmt[] = [
        s.forStmt("k", s.int(0), m, [s.store("p", k, s.add(k, i))]),
        s.letStmt("whole", s.isub(m, s.irem(m, s.int(4)))),
        s.forStmt(
          "j",
          s.int(0),
          s.variable("whole"),
          [0, 1, 2, 3].map(l => packed(s.iadd(j, s.int(l)))),
          {
            step: 4,
            ...parallel,
          },
        ),
        s.forStmt("r", s.variable("whole"), m, [packed(s.variable("r"))], parallel),
      ];
      check(kernelOf([s.forStmt("i", s.int(0), n, body, parallel)]), threads, [rows, columns], 7);
    });
    fc.assert(property, { numRuns: 300, seed: 3 });
  });

  it("walks an outer loop in all threads where three have few rounds", () => {
    const at = s.iadd(s.imul(s.iadd(s.imul(i, s.int(3)), j), s.int(32)), k);
    const inner = s.forStmt("k", s.int(0), s.int(30), [visit(at)], parallel);
    const nest = s.forStmt("i", s.int(0), s.int(2), [s.forStmt("j", s.int(0), s.int(3), [inner], parallel)], parallel);
    for (const threads of [1, 2, 3, 4, 7]) check(kernelOf([nest]), threads, [0, 0], 2);
  });

  it("cuts a loop at its grains, and tells its rounds where their part ends", () => {
    const property = fc.property(
      sizes,
      counts,
      steps,
      fc.integer({ min: 1, max: 4 }),
      (size, threads, grain, grains) => {
        const step = grain * grains;
        const count = s.min(s.int(step), s.isub(s.variable("end"), i));
        const each = s.forStmt("j", s.int(0), count, [visit(s.iadd(i, j))]);
        const loop = s.forStmt("i", s.int(0), s.variable("end"), [each], { step, grain, ...parallel });
        check(kernelOf([s.letStmt("end", n), loop]), threads, [size, 0], grain);
        const rows = s.forStmt("r", s.int(0), s.int(3), [s.letStmt("end", n), loop], parallel);
        const nested = kernelOf([rows]);
        check(nested, threads, [size, 0], 3 * grain);
      },
    );
    fc.assert(property, { numRuns: 200, seed: 4 });
  });

  it("spreads the odd rounds of several loops", () => {
    const loops = ["a", "b"].map((name, at) =>
      s.forStmt(name, s.int(0), s.int(3), [visit(s.iadd(s.variable(name), s.int(10 * at)))], parallel),
    );
    expect(run(kernelOf(loops), 2, [0, 0]).work).toEqual([3, 3]);
  });

  it("does not reach into a loop whose rounds differ", () => {
    const triangle = s.forStmt("j", s.int(0), i, [visit(s.iadd(s.imul(i, s.int(64)), j))], parallel);
    check(kernelOf([s.forStmt("i", s.int(0), s.int(20), [triangle], parallel)]), 3, [0, 0], 190);
    const shared = [s.store("y", s.int(9), i), s.forStmt("j", s.int(0), s.int(20), [visit(j)], parallel)];
    const text = printKernel(splitKernel(kernelOf([s.forStmt("i", s.int(0), s.int(2), shared, parallel)])));
    expect(text).toContain("for j = 0 .. 20 parallel");
  });
});

describe("phases", () => {
  const pack = s.forStmt("i", s.int(0), n, [s.store("y", i, i)], parallel);
  const use = (offset: Expr): Stmt =>
    s.forStmt("j", s.int(0), n, [s.store("y", s.iadd(j, offset), s.load("y", "i32", j))], parallel);
  const texts = (body: readonly Stmt[]): string[] =>
    phasesOf(kernelOf(body)).map(p => `${p.parallel ? "all" : "one"}: ${printKernel(p.kernel)}`);

  it("end at barriers, recompute what they need and keep the buffers they use", () => {
    const twice = s.letStmt("twice", s.imul(n, s.int(2)));
    const body = [
      twice,
      pack,
      s.letStmt("four", s.imul(s.variable("twice"), s.int(2))),
      s.barrier,
      use(s.variable("four")),
    ];
    expect(texts(body)).toEqual([
      "all: kernel test.1(y: write i32; n, m) {\n  let twice = n * 2\n  for i = 0 .. n parallel {\n    y[i] = i\n  }\n  let four = twice * 2\n}",
      "all: kernel test.2(y: readwrite i32; n, m) {\n  let twice = n * 2\n  let four = twice * 2\n  for j = 0 .. n parallel {\n    y[j + four] = y[j]\n  }\n}",
    ]);
  });

  it("are for one thread where anything but parallel loops stands in them", () => {
    expect(texts([pack, s.barrier, s.store("y", s.int(0), s.int(1))]).map(t => t.slice(0, 3))).toEqual(["all", "one"]);
    expect(texts([s.letStmt("a", s.load("y", "i32", s.int(0))), pack]).map(t => t.slice(0, 3))).toEqual(["one"]);
  });

  it("are one, for one thread, where a variable lives on behind a barrier", () => {
    const sum = [s.varStmt("sum", s.int(0)), pack, s.barrier, s.store("y", s.int(0), s.variable("sum"))];
    const phases = phasesOf(kernelOf(sum));
    expect(phases.map(p => [p.parallel, p.kernel.name, p.kernel.body.length])).toEqual([[false, "test", 3]]);
    const loaded = [s.letStmt("a", s.load("y", "i32", s.int(0))), s.barrier, s.store("y", s.int(1), s.variable("a"))];
    expect(phasesOf(kernelOf(loaded)).length).toBe(1);
  });
});

describe("costs", () => {
  const values = new Map([["n", 10]]);
  const flops = s.add(s.load("y", "i32", i), s.mul(i, i));

  it("count operations times rounds", () => {
    const loop = s.forStmt("i", s.int(0), n, [s.store("y", i, flops)], { step: 4 });
    // load, multiplication, addition, store, and the loop itself: three rounds.
    expect(costOf([loop], values)).toBe(3 * 5);
    const half = s.forStmt("j", s.int(0), i, [visit(j)]);
    expect(costOf([s.forStmt("i", s.int(0), n, [half])], values)).toBe(10 * (1 + 5 * 4));
  });

  it("follow bounds through names, and guess where they cannot", () => {
    const twice = [s.letStmt("m", s.imul(n, s.int(2))), s.forStmt("i", s.int(0), m, [visit(i)])];
    expect(costOf(twice, values)).toBe(1 + 20 * 4);
    const loaded = s.forStmt("i", s.int(0), s.load("y", "i32", s.int(0)), [visit(i)]);
    expect(costOf([loaded], values)).toBeGreaterThan(4);
  });

  it("are those of the costlier branch", () => {
    const branch = s.ifStmt(s.lt(i, n), [visit(i)], [visit(i), visit(j)]);
    expect(costOf([branch], values)).toBe(1 + 2 * 3);
  });
});
