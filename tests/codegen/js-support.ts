import { evaluateText, generateKernel } from "../../codegen/js/index.ts";
import { load, store, variable } from "../../src/loop/build.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { BufferParam, Expr, Kernel, NumericMode, Stmt } from "../../src/loop/ir.ts";
import { BYTES, type DType, type TypedArray, viewOf } from "../../src/shared/dtype.ts";

export type Run = (places: readonly number[], extents: readonly number[]) => void;

export function jsKernel(kernel: Kernel, memory: ArrayBuffer, mode: NumericMode): Run {
  const run = evaluateText<(m: ArrayBuffer) => (...args: number[]) => void>(generateKernel(kernel, mode))(memory);
  return (places, extents) => run(...places, ...extents);
}

/** Runs a kernel on copies of the arrays in both ways; the buffers afterwards, by engine. */
export function runBoth(
  kernel: Kernel,
  arrays: readonly TypedArray[],
  extents: readonly number[],
  mode: NumericMode = "reproducible",
): { js: TypedArray[]; interpret: TypedArray[] } {
  const run = (make: (k: Kernel, memory: ArrayBuffer, mode: NumericMode) => Run): TypedArray[] => {
    let end = 16;
    const places = arrays.map(a => {
      const at = end;
      end += Math.ceil(a.byteLength / 16) * 16;
      return at;
    });
    const memory = new ArrayBuffer(end);
    const views = arrays.map((a, i) => {
      const view = viewOf(kernel.buffers[i].dtype, memory, places[i], a.length);
      view.set(a);
      return view;
    });
    make(kernel, memory, mode)(places, extents);
    return views;
  };
  return { js: run(jsKernel), interpret: run(compileKernel) };
}

/** out[i] = make(in0[i], in1[i], …) over columns of operands. */
export function elementwise(dtypes: readonly DType[], make: (...operands: Expr[]) => Expr): Kernel {
  const i = variable("i");
  const value = make(...dtypes.map((d, k) => load(`in${k}`, d, i)));
  const body: Stmt[] = [
    { op: "for", name: "i", from: literalZero, to: variable("n"), step: 1, body: [store("out", i, value)] },
  ];
  return {
    name: "test",
    buffers: [
      ...dtypes.map((dtype, k): BufferParam => ({ name: `in${k}`, dtype, access: "read" })),
      { name: "out", dtype: value.dtype, access: "write" },
    ],
    extents: ["n"],
    body,
  };
}

const literalZero: Expr = { op: "const", dtype: "i32", lanes: 1, value: 0 };

/** The bits of an array as numbers; all NaN are one. */
export function bits(array: TypedArray): (number | bigint | string)[] {
  if (array instanceof Float32Array) {
    const words = new Uint32Array(array.buffer, array.byteOffset, array.length);
    return [...words].map((w, i) => (Number.isNaN(array[i]) ? "NaN" : w));
  }
  if (array instanceof Float64Array) {
    const words = new BigUint64Array(array.buffer, array.byteOffset, array.length);
    return [...words].map((w, i) => (Number.isNaN(array[i]) ? "NaN" : w));
  }
  return [...array];
}

const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  7,
  1e-3,
  1 / 3,
  100.25,
  -7.75,
  1e10,
  -1e10,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  4294967295,
  4294967296,
  8388607.5,
  16777216,
  4503599627370495.5,
  9007199254740994,
  1e-40,
  -1e-45,
  1e-310,
  5e-324,
  2 ** -126,
  2 ** -1022,
  2 ** 127,
  3.4028234663852886e38,
  1e300,
  -1.7976931348623157e308,
  Infinity,
  -Infinity,
  NaN,
];
const INTEGERS = [0, 1, 2, 3, 5, 7, 31, 32, 33, 100, 65535, 65536, 123456789, 2147483647];

/** Special values of a dtype, and some random ones. */
export function valuesOf(dtype: DType, random: () => number): number[] {
  switch (dtype) {
    case "f32":
    case "f64": {
      const more = Array.from({ length: 12 }, () => (random() - 0.5) * 2 ** Math.round((random() - 0.5) * 60));
      return [...FLOATS, ...more].map(x => (dtype === "f32" ? Math.fround(x) : x));
    }
    case "i32":
      return [
        ...INTEGERS,
        ...INTEGERS.map(x => -x | 0),
        -2147483648,
        ...Array.from({ length: 6 }, () => (random() * 2 ** 32 - 2 ** 31) | 0),
      ];
    case "u32":
      return [...INTEGERS, 2147483648, 4294967295, ...Array.from({ length: 6 }, () => (random() * 2 ** 32) >>> 0)];
    case "bool":
      return [0, 1];
  }
}

/** All combinations of one value per column. */
export function product(columns: readonly (readonly number[])[], dtypes: readonly DType[]): TypedArray[] {
  const total = columns.reduce((n, c) => n * c.length, 1);
  let repeat = total;
  return columns.map((column, k) => {
    repeat /= column.length;
    const array = viewOf(dtypes[k], new ArrayBuffer(total * BYTES[dtypes[k]]), 0, total);
    for (let i = 0; i < total; i++) array[i] = column[Math.floor(i / repeat) % column.length];
    return array;
  });
}

/** A small generator of numbers in [0, 1) (xorshift). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
