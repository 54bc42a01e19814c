import { describe, expect, it } from "vitest";
import * as s from "../../src/loop/build.ts";
import type { BufferParam, Expr, Kernel } from "../../src/loop/ir.ts";
import { instantiateInterpreter } from "../../src/plan/interpret.ts";
import type { LoweredProgram, PlanStmt } from "../../src/plan/ir.ts";
import { parallelize } from "../../src/plan/parallel.ts";
import { printPlanFunction } from "../../src/plan/print.ts";
import { verifyPlan } from "../../src/plan/verify.ts";
import { dim, dimSymbols } from "../../src/shared/dim.ts";
import { programOf } from "../codegen/wasm-support.ts";
import { randomNumbers } from "../support/random-values.ts";
import { simulate } from "../support/threads.ts";

/** Three arrays of N numbers, and a flag. */
const N = 64;
const BYTES = 4 * N;
const [A, B, C, FLAG] = [0, 1, 2, 3].map(at => s.int(at * BYTES));
const SIZE = 4 * BYTES;
const ALWAYS = { share: 0, call: 0 };

const i = s.variable("i");
const mirrored = s.isub(s.int(N - 1), i);
const one = s.literal("f32", 1);
const x = (at: Expr): Expr => s.load("x", "f32", at);

const buffers: readonly BufferParam[] = [
  { name: "x", dtype: "f32", access: "read" },
  { name: "y", dtype: "f32", access: "readwrite" },
];

/** y[i] = value, by all threads or by one. */
function kernelOf(name: string, value: Expr, rest: Partial<Kernel> & { readonly parallel?: boolean } = {}): Kernel {
  const { parallel = true, ...more } = rest;
  const body = [s.forStmt("i", s.int(0), s.int(N), [s.store("y", i, value)], { parallel })];
  return { name, buffers, extents: [], body, ...more };
}

const call = (kernel: Kernel, ...places: Expr[]): PlanStmt => ({
  op: "call",
  kernel,
  places,
  bytes: places.map(() => BYTES),
  extents: [],
  origins: [],
});

function program(body: readonly PlanStmt[], kernels: readonly Kernel[]): LoweredProgram {
  return programOf(kernels, [{ name: "f", dims: [], body }], SIZE);
}

/** What a function leaves in A, B and FLAG, for one thread, and for several in turns, which must not meet. */
function check(body: readonly PlanStmt[], kernels: readonly Kernel[]): string {
  const plain = program(body, kernels);
  const parallel = parallelize(plain, ALWAYS);
  for (const fn of parallel.functions) expect(fn.parallel).toBe(true);
  verifyPlan({ ...parallel, interfaces: [{ name: "f", dims: [], inputs: [], outputs: [] }] });
  const random = randomNumbers(3);
  const start = Float32Array.from({ length: SIZE / 4 }, random);
  const run = (threads: number): Float32Array => {
    const { memory, functions } = threads === 0 ? instantiateInterpreter(plain) : simulate(parallel, threads, random);
    const numbers = new Float32Array(memory, 0, SIZE / 4);
    numbers.set(start);
    new Uint8Array(memory)[3 * BYTES] = 1;
    functions.f();
    // C may be scratch.
    if (kernels.some(k => k.buffers.some(b => b.private))) numbers.fill(0, 2 * N, 3 * N);
    return numbers;
  };
  const expected = run(0);
  expect(expected).not.toEqual(start);
  for (const threads of [1, 2, 3, 5]) for (let again = 0; again < 3; again++) expect(run(threads)).toEqual(expected);
  return printPlanFunction(parallel.functions[0]);
}

const barriers = (text: string): number => text.split("barrier").length - 1;

const copyKernel = kernelOf("copy", x(i));
const mirror = kernelOf("mirror", s.add(x(mirrored), one));
const serial = kernelOf("serial", s.add(x(mirrored), one), { parallel: false });

describe("barriers", () => {
  it("stand between kernels that depend on each other, and at the end", () => {
    expect(barriers(check([call(mirror, A, B), call(mirror, B, C)], [mirror]))).toBe(2);
    // Written after it was read.
    expect(barriers(check([call(mirror, A, B), call(mirror, C, A)], [mirror]))).toBe(2);
    // Written twice.
    expect(barriers(check([call(mirror, A, B), call(copyKernel, C, B)], [mirror, copyKernel]))).toBe(2);
  });

  it("do not stand between kernels that have nothing to do with each other", () => {
    expect(barriers(check([call(mirror, A, B), call(mirror, A, C)], [mirror]))).toBe(1);
    expect(
      barriers(check([call(serial, A, B), call(serial, B, C), call(mirror, A, s.int(768))], [serial, mirror])),
    ).toBe(1);
  });

  it("stand around what one thread does for others", () => {
    const text = check(
      [call(serial, A, B), call(serial, B, C), call(mirror, C, A), call(serial, A, B)],
      [serial, mirror],
    );
    expect(text).toBe(`parallel function f() {
  single {
    call serial(x: 0, y: 256)
    call serial(x: 256, y: 512)
  }
  barrier
  call mirror(x: 512, y: 0; thread$ = thread$, threads$ = threads$)
  barrier
  single {
    call serial(x: 0, y: 256)
  }
  barrier
}`);
  });

  it("stand around copies", () => {
    const copied: PlanStmt = { op: "copy", to: B, from: A, bytes: s.int(BYTES) };
    expect(barriers(check([call(mirror, C, A), copied, call(mirror, B, C)], [mirror]))).toBe(3);
  });

  it("are not needed inside of a large copy, which all threads make", () => {
    const half = 2 ** 15 + 20;
    const copied: PlanStmt = { op: "copy", to: s.int(half + 12), from: s.int(0), bytes: s.int(half) };
    const plain = programOf([mirror], [{ name: "f", dims: [], body: [copied, call(mirror, A, C)] }], 2 * half + 16);
    const parallel = parallelize(plain, ALWAYS);
    const [{ body }] = parallel.functions;
    expect(body.map(x => x.op)).toEqual(["copy", "barrier", "call", "barrier"]);
    for (const threads of [1, 2, 3, 5]) {
      const { memory, functions } = simulate(parallel, threads, randomNumbers(3));
      const bytes = new Uint8Array(memory);
      for (let at = 0; at < half; at++) bytes[at] = at % 251;
      const expected = bytes.slice(0, half);
      functions.f();
      expect(bytes.slice(half + 12, 2 * half + 12)).toEqual(expected);
      expect(bytes.slice(2 * half + 12, 2 * half + 16)).toEqual(new Uint8Array(4));
    }
  });

  it("stand between the rounds of a loop that need them", () => {
    const rounds = (body: PlanStmt[]): PlanStmt[] => [{ op: "for", name: "t", count: s.int(3), body }];
    // B of a round from A of the round before.
    expect(barriers(check(rounds([call(mirror, A, B), call(mirror, B, A)]), [mirror]))).toBe(3);
    expect(barriers(check(rounds([call(mirror, A, B), call(mirror, A, C)]), [mirror]))).toBe(2);
  });

  it("follow places that swap", () => {
    const body: PlanStmt[] = [
      { op: "place", name: "old", value: A },
      { op: "place", name: "new", value: B },
      {
        op: "for",
        name: "t",
        count: s.int(4),
        body: [call(mirror, s.variable("old"), s.variable("new")), { op: "swap", a: "old", b: "new" }],
      },
      call(mirror, s.variable("old"), C),
    ];
    const text = check(body, [mirror]);
    expect(text).toMatch(/for t = 0 \.\. 4 \{\n {4}barrier\n {4}call mirror/);
  });

  it("let slices of a loop alone where they lie apart", () => {
    const slice = (base: Expr): Expr => s.iadd(base, s.imul(s.variable("t"), s.int(16)));
    const short = kernelOf("short", s.add(x(i), one));
    const body = [s.forStmt("i", s.int(0), s.int(4), [s.store("y", i, s.add(x(i), one))], { parallel: true })];
    const kernel: Kernel = { ...short, body };
    const inner: PlanStmt = {
      op: "call",
      kernel,
      places: [slice(A), slice(B)],
      bytes: [16, 16],
      extents: [],
      origins: [],
    };
    const text = check(
      [{ op: "for", name: "t", count: s.int(16), body: [inner] }, call(mirror, A, C)],
      [kernel, mirror],
    );
    // All slices of B count as one place, so its rounds wait for each other; C waits for nothing.
    expect(text).toMatch(/ {2}\}\n {2}call mirror/);
  });

  it("stand before conditions that others read", () => {
    const write = (value: number): Kernel => ({
      name: `flag${value}`,
      buffers: [{ name: "y", dtype: "bool", access: "write" }],
      extents: [],
      body: [s.store("y", s.int(0), s.literal("bool", value))],
    });
    const flag = (kernel: Kernel): PlanStmt => ({
      op: "call",
      kernel,
      places: [FLAG],
      bytes: [1],
      extents: [],
      origins: [],
    });
    const [off, on] = [write(0), write(1)];
    const body: PlanStmt[] = [
      flag(off),
      { op: "if", condition: FLAG, then: [call(mirror, A, B)], otherwise: [flag(on), call(mirror, A, C)] },
      { op: "while", condition: FLAG, body: [call(mirror, C, A), flag(off)] },
      call(mirror, A, B),
      flag(on),
    ];
    check(body, [off, on, mirror]);
    // A loop that a flag ends: by the round itself, or not at all.
    const round = [call(mirror, A, B), call(mirror, B, A)];
    check([{ op: "for", name: "t", count: s.int(3), goesOn: FLAG, body: [...round, flag(off)] }], [off, mirror]);
    check(
      [flag(on), { op: "for", name: "t", count: s.int(3), goesOn: FLAG, body: round }, flag(off)],
      [off, on, mirror],
    );
    // As many rounds as lie in memory: one that was written, of five.
    check(
      [flag(on), { op: "for", name: "t", count: s.int(5), atMost: FLAG, body: round }, flag(off)],
      [off, on, mirror],
    );
    // What a branch has written.
    const then = [call(mirror, A, B)];
    check([{ op: "if", condition: FLAG, then, otherwise: [] }, call(mirror, B, A)], [mirror]);
    check([flag(off), { op: "if", condition: FLAG, then: [], otherwise: then }, call(mirror, B, A)], [off, mirror]);
  });
});

describe("private buffers", () => {
  const p = (at: Expr): Expr => s.load("p", "f32", at);
  const rows: Kernel = {
    name: "rows",
    buffers: [...buffers, { name: "p", dtype: "f32", access: "readwrite", private: true }],
    extents: [],
    body: [
      s.forStmt(
        "i",
        s.int(0),
        s.int(N),
        [
          s.forStmt("j", s.int(0), s.int(8), [
            s.store("p", s.variable("j"), x(s.irem(s.iadd(i, s.variable("j")), s.int(N)))),
          ]),
          s.store("y", i, s.add(p(s.int(1)), p(s.int(7)))),
        ],
        { parallel: true },
      ),
    ],
  };
  const private_ = (from: Expr, to: Expr, own: Expr): PlanStmt => ({
    op: "call",
    kernel: rows,
    places: [from, to, own],
    bytes: [BYTES, BYTES, 32],
    extents: [],
    origins: [],
  });

  it("are each thread's own; thread 0 has the planned place", () => {
    const text = check([private_(A, B, C)], [rows]);
    expect(text).toContain("place mirror$ = select(thread$ == 0, 0, ");
    expect(text).toContain("p: mirror$ + 512");
    const layout = parallelize(program([private_(A, B, C)], [rows]), ALWAYS).threads;
    expect(layout?.control).toBe(1024);
    expect(layout?.stride).toBe(128);
  });

  it("keep others away from the place of thread 0's while it may be in use", () => {
    const text = check([private_(A, B, C), call(copyKernel, A, C)], [rows, copyKernel]);
    expect(barriers(text)).toBe(2);
    expect(barriers(check([private_(A, B, C), private_(A, FLAG, C)], [rows]))).toBe(1);
  });

  it("are nobody's where one thread does all", () => {
    const plain = program([private_(A, B, C)], [{ ...rows }]);
    const [only] = rows.body;
    const body = only.op === "for" ? [{ ...only, parallel: false }] : [];
    const kernel = { ...rows, body };
    const text = check(
      [{ ...(plain.functions[0].body[0] as Extract<PlanStmt, { op: "call" }>), kernel }, call(mirror, B, A)],
      [kernel, mirror],
    );
    expect(text).not.toContain("mirror$");
  });
});

describe("what is worth it", () => {
  it("is decided by the work at the bounds of the dimensions", () => {
    const d = dim("D", { max: 1_000_000 });
    const [symbol] = dimSymbols([d]);
    const many: Kernel = {
      ...mirror,
      extents: ["n"],
      body: [s.forStmt("i", s.int(0), s.variable("n"), [s.store("y", s.int(0), one)], { parallel: true })],
    };
    const run = (count: Expr, dims: readonly (typeof symbol)[], times = 1): boolean => {
      const body: PlanStmt = { op: "call", kernel: many, places: [A, B], extents: [count], origins: [] };
      const loop: PlanStmt = { op: "for", name: "t", count: s.int(times), body: [body] };
      const plain = programOf([many], [{ name: "f", dims, body: [loop] }], SIZE);
      const { functions, kernels } = parallelize(plain);
      if (!functions[0].parallel) expect([functions, kernels]).toEqual([plain.functions, plain.kernels]);
      return Boolean(functions[0].parallel);
    };
    expect(run(s.variable("D"), [symbol])).toBe(true);
    expect(run(s.int(1000), [])).toBe(false);
    // Too little each time, however often.
    expect(run(s.int(10_000), [], 1000)).toBe(false);
    expect(run(s.int(20_000), [])).toBe(false);
    expect(run(s.int(20_000), [], 30)).toBe(true);
  });
});
