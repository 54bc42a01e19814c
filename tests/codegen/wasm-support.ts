import { expect } from "vitest";
import { generateWasm, instantiateWasm } from "../../codegen/wasm/index.ts";
import { forStmt, int, load, store, variable } from "../../src/loop/build.ts";
import type { BufferParam, Expr, Kernel, Lanes, NumericMode, Stmt } from "../../src/loop/ir.ts";
import type { LoweredProgram, PlanFunction } from "../../src/plan/ir.ts";
import { BYTES, type DType, type TypedArray, viewOf } from "../../src/shared/dtype.ts";

export interface WasmTestOptions {
  readonly relaxed?: boolean;
  readonly mode?: NumericMode;
}

export interface Placed {
  readonly dtype: DType;
  readonly values: readonly number[];
}

/** A lowered program of hand-built functions. */
export function programOf(
  kernels: readonly Kernel[],
  functions: readonly PlanFunction[],
  bytes: number,
  data: LoweredProgram["memory"]["data"] = [],
  mode: NumericMode = "reproducible",
): LoweredProgram {
  return {
    name: "test",
    mode,
    profile: {
      name: "wasm",
      lanes: { f32: 4, f64: 2, i32: 4, u32: 4, bool: 1 },
      fma: false,
      tile: { rows: 6, vectors: 2 },
    },
    kernels,
    functions,
    interfaces: [],
    variables: [],
    memory: { bytes, data },
    reports: [],
    origins: [],
  };
}

/** Byte offsets for buffers, one after another, in steps of 16; the first is not 0. */
export function placesOf(buffers: readonly Placed[]): { places: number[]; bytes: number } {
  let at = 16;
  const places = buffers.map(({ dtype, values }) => {
    const place = at;
    at += Math.ceil((values.length * BYTES[dtype]) / 16) * 16 + 16;
    return place;
  });
  return { places, bytes: at };
}

/** The contents of all buffers after one call of a kernel as WebAssembly. */
export function runWasm(
  kernel: Kernel,
  buffers: readonly Placed[],
  extents: readonly number[] = [],
  { relaxed = false, mode = "reproducible" }: WasmTestOptions = {},
): number[][] {
  const { places, bytes } = placesOf(buffers);
  const run: PlanFunction = {
    name: "run",
    dims: [],
    body: [{ op: "call", kernel, places: places.map(int), extents: extents.map(int), origins: [] }],
  };
  const program = programOf([kernel], [run], bytes, [], mode);
  const { memory, functions } = instantiateWasm(generateWasm(program, { relaxed }));
  const views = viewsOf(memory, buffers, places);
  for (const [i, view] of views.entries()) view.set(buffers[i].values);
  functions.run();
  return views.map(view => Array.from(view));
}

export const viewsOf = (memory: ArrayBufferLike, buffers: readonly Placed[], places: readonly number[]): TypedArray[] =>
  buffers.map(({ dtype, values }, i) => viewOf(dtype, memory, places[i], values.length));

/** A kernel over the named buffers; `access` is of no interest to a backend. */
export const kernelOf = (
  name: string,
  buffers: Readonly<Record<string, DType>>,
  body: readonly Stmt[],
  extents: readonly string[] = [],
): Kernel => ({
  name,
  buffers: Object.entries(buffers).map(([b, dtype]): BufferParam => ({ name: b, dtype, access: "readwrite" })),
  extents,
  body,
});

/** out[i … i + lanes − 1] = f(x₀[i …], x₁[i …] …) for all i; the lengths are multiples of the lanes. */
export function mapKernel(
  inputs: readonly DType[],
  output: DType,
  lanes: Lanes,
  f: (...operands: Expr[]) => Expr,
): Kernel {
  const i = variable("i");
  const operands = inputs.map((dtype, k) => load(`x${k}`, dtype, i, lanes));
  const buffers = Object.fromEntries([...inputs.map((dtype, k) => [`x${k}`, dtype]), ["out", output]]);
  const body = [forStmt("i", int(0), variable("n"), [store("out", i, f(...operands))], { step: lanes })];
  return kernelOf("map", buffers, body, ["n"]);
}

/** out = f(inputs) elementwise, as WebAssembly. */
export function mapWasm(
  inputs: readonly Placed[],
  output: DType,
  lanes: Lanes,
  f: (...operands: Expr[]) => Expr,
  options?: WasmTestOptions,
): number[] {
  const n = inputs[0].values.length;
  const kernel = mapKernel(
    inputs.map(x => x.dtype),
    output,
    lanes,
    f,
  );
  return runWasm(kernel, [...inputs, { dtype: output, values: Array(n).fill(0) }], [n], options)[inputs.length];
}

/** Equal as numbers, with −0 apart from +0 and every NaN alike. */
export function expectSame(actual: readonly number[], expected: readonly number[], about: (i: number) => string): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    if (!Object.is(actual[i], expected[i])) {
      expect.fail(`${about(i)}: expected ${expected[i]}, received ${actual[i]}`);
    }
  }
}

const F32_SPECIAL = [
  ...[0, 1, 0.5, 1.5, 2.5, 3, 127, 1e10, 2 ** -126, 2 ** -149, 1.1754942e-38, 3.4028234e38, Number.POSITIVE_INFINITY],
  ...[2147483648, 4294967296, 0.1, 8388609, 1e-20],
].map(Math.fround);
const F64_SPECIAL = [
  ...[...F32_SPECIAL, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** -1022, 2.2250738585072009e-308, 1 / 3, 2147483647.5],
];
const INT_SPECIAL = [0, 1, 2, 3, 7, 31, 32, 33, 1000, 65536, 2147483647];

/** Values worth trying, and some random ones; a multiple of four. */
export function samplesOf(dtype: DType, random: () => number): number[] {
  const some = (make: () => number, count = 8): number[] => Array.from({ length: count }, make);
  switch (dtype) {
    case "f32":
      return padded([
        ...F32_SPECIAL.flatMap(v => [v, -v]),
        Number.NaN,
        ...some(() => Math.fround((random() - 0.5) * 2 ** (random() * 60 - 30))),
      ]);
    case "f64":
      return padded([
        ...F64_SPECIAL.flatMap(v => [v, -v]),
        Number.NaN,
        ...some(() => (random() - 0.5) * 2 ** (random() * 200 - 100)),
      ]);
    case "i32":
      return padded([...INT_SPECIAL.flatMap(v => [v, -v | 0]), -2147483648, ...some(() => (random() * 2 ** 32) | 0)]);
    case "u32":
      return padded([...INT_SPECIAL, 2147483648, 4294967295, ...some(() => (random() * 2 ** 32) >>> 0)]);
    case "bool":
      return [0, 1, 1, 0];
  }
}

function padded(values: readonly number[]): number[] {
  const rest = (4 - (values.length % 4)) % 4;
  return [...values, ...values.slice(0, rest)];
}

/** All pairs of two lists, as two lists; their length is a multiple of four. */
export function pairs(xs: readonly number[], ys: readonly number[]): [number[], number[]] {
  const all = xs.flatMap(x => ys.map(y => [x, y] as const));
  return [all.map(([x]) => x), all.map(([, y]) => y)];
}

/** A small generator (mulberry32), so that every run tries the same values. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
