import {
  add,
  exp,
  gelu,
  input,
  mean,
  mul,
  param,
  program,
  relu,
  rsqrt,
  set,
  sigmoid,
  softmax,
  state,
  sub,
  sum,
  type Tensor,
  tanh,
  variance,
  zeros,
} from "../../src/index.ts";
import { adam } from "../../src/nn/index.ts";
import { DIVIDE_FLOPS, EXP_FLOPS, TANH_FLOPS } from "../workloads/index.ts";
import type { KernelCase } from "./kernel-case.ts";

type F32 = Tensor<"f32">;

interface Case {
  readonly name: string;
  /** Of each element. */
  readonly flops: number;
  of(x: F32, y: F32): F32;
  readonly operands?: 2;
}

const CASES: readonly Case[] = [
  { name: "relu", flops: 1, of: x => relu(x) },
  { name: "x + y", flops: 1, of: add, operands: 2 },
  { name: "1.5·x + 0.5", flops: 2, of: x => add(mul(x, 1.5), 0.5) },
  { name: "exp", flops: EXP_FLOPS, of: x => exp(x) },
  { name: "tanh", flops: TANH_FLOPS, of: x => tanh(x) },
  { name: "sigmoid", flops: EXP_FLOPS + 2 + DIVIDE_FLOPS, of: x => sigmoid(x) },
  { name: "gelu (tanh)", flops: TANH_FLOPS + 8, of: x => gelu(x, { approximate: true }) },
];

const LENGTHS = [
  { length: 1_000_000, name: "10⁶" },
  { length: 99_999, name: "99,999" },
];

function elementwise({ name, flops, of, operands }: Case, length: number, size: string): KernelCase {
  return {
    name: `${name}, ${size}`,
    bar: "elementwise",
    against: "roofline",
    flops: flops * length,
    declare() {
      const x = input("x", [length]);
      const y = input("y", [length]);
      return program("elementwise", { run: { inputs: operands ? [x, y] : [x], outputs: { z: of(x, y) } } });
    },
  };
}

interface Rows {
  readonly name: string;
  readonly flops: number;
  of(x: F32): F32;
}

const normal = (x: F32): F32 =>
  mul(sub(x, mean(x, -1, { keepDims: true })), rsqrt(add(variance(x, -1, { keepDims: true }), 1e-5)));

/** Largest element, difference, exponential, sum, quotient; mean, difference, square, sum, product. */
const ROWS: readonly Rows[] = [
  { name: "softmax", flops: 4 + EXP_FLOPS, of: x => softmax(x) },
  { name: "normalised rows", flops: 5, of: normal },
  { name: "sums of rows", flops: 1, of: x => sum(x, 1) },
  { name: "sums of columns", flops: 1, of: x => sum(x, 0) },
];

const SHAPES: readonly (readonly [number, number])[] = [
  [4096, 512],
  [2048, 64],
  [511, 333],
];

const rows = ({ name, flops, of }: Rows, [m, n]: readonly [number, number]): KernelCase => ({
  name: `${name}, ${m}×${n}`,
  bar: "elementwise",
  against: "roofline",
  flops: flops * m * n,
  declare() {
    const x = input("x", [m, n]);
    return program("rows", { run: { inputs: [x], outputs: { z: of(x) } } });
  },
});

/** θ, m and v are read and written, g is read: 2 operations for m, 3 for v, its correction, √, +, ÷, ·, −. */
const adamUpdate = (length: number): KernelCase => ({
  name: `Adam, ${length} weights`,
  bar: "elementwise",
  against: "roofline",
  flops: (9 + 2 * DIVIDE_FLOPS) * length,
  declare() {
    const w = param("w", [length]);
    const g = input("g", [length]);
    return program("adam", { run: { inputs: [g], outputs: {}, updates: adam()({ w }, { w: g }) } });
  },
});

/** A running mean: x is read, the state read and written. */
const runningMean = (length: number): KernelCase => ({
  name: `running mean, ${length}`,
  bar: "elementwise",
  against: "roofline",
  flops: 3 * length,
  declare() {
    const x = input("x", [length]);
    const old = state("mean", zeros([length]));
    const updates = [set(old, add(mul(old, 0.9), mul(x, 0.1)))];
    return program("mean", { run: { inputs: [x], outputs: {}, updates } });
  },
});

export const ELEMENTWISE: readonly KernelCase[] = [
  ...LENGTHS.flatMap(({ length, name }) => CASES.map(c => elementwise(c, length, name))),
  ...SHAPES.flatMap(shape => ROWS.map(r => rows(r, shape))),
  adamUpdate(200_704),
  runningMean(200_704),
];
