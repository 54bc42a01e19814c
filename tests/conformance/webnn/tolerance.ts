import type { Operator, RecordedTest } from "./suite.ts";

/** Units of the last place, or an absolute distance. */
export interface Tolerance {
  readonly metric: "ulp" | "absolute";
  readonly value: number;
}

/** What the suite allows each operation in float32; operations that are not here must be exact. */
const ULP: Readonly<Record<string, number>> = {
  ...{ add: 1, sub: 1, mul: 1, div: 2, pow: 32, exp: 32, sqrt: 1, cast: 1 },
  ...{ elu: 18, hardSigmoid: 2, hardSwish: 4, leakyRelu: 1, linear: 2, sigmoid: 34, tanh: 16 },
  ...{ batchNormalization: 6, instanceNormalization: 840 },
};

const ABSOLUTE: Readonly<Record<string, number>> = { log: 1 / 1024, layerNormalization: 1 / 1024 };

/** By the number of elements that are reduced to one. */
const REDUCTIONS: Readonly<Record<string, (n: number) => number>> = {
  reduceL1: n => n,
  reduceL2: n => 2 * n + 2,
  reduceLogSum: n => n + 18,
  reduceLogSumExp: n => 2 * n + 18,
  reduceMean: n => n + 2,
  reduceProduct: n => n,
  reduceSum: n => n,
  reduceSumSquare: n => 2 * n,
};

const product = (sizes: readonly number[]): number => sizes.reduce((p, n) => p * n, 1);

/** Two for each product that a window adds up, as the suite counts the channels: those of the input, in a group. */
function windowTolerance(
  input: readonly number[],
  filter: readonly number[],
  options: Readonly<Record<string, unknown>>,
): number {
  const channels = options.inputLayout === "nhwc" ? input[3] : input[1];
  const layout = (options.filterLayout as string | undefined) ?? "oihw";
  const window = filter[layout.indexOf("h")] * filter[layout.indexOf("w")];
  return window * (channels / ((options.groups as number | undefined) ?? 1)) * 2;
}

function ulpsOf({ name, arguments: list }: Operator, shapes: (name: unknown) => readonly number[]): number {
  const all = Object.assign({}, ...list) as Record<string, unknown>;
  const options = (all.options ?? {}) as Record<string, unknown>;
  if (name === "conv2d" || name === "convTranspose2d") {
    return windowTolerance(shapes(all.input), shapes(all.filter), options);
  }
  if (name === "matmul") return (shapes(all.a).at(-1) as number) * 2;
  if (name === "softmax") return shapes(all.input)[all.axis as number] * 3 + 3;
  const reduce = REDUCTIONS[name];
  if (!reduce) return ULP[name] ?? 0;
  const sizes = shapes(all.input);
  const axes = options.axes as number[] | undefined;
  return reduce(product(axes ? axes.map(axis => sizes[axis]) : sizes));
}

/** How far results of a recorded test may lie off, by its (one) operator. */
export function toleranceOf({ graph: { operators, inputs } }: RecordedTest): Tolerance {
  const [operator] = operators;
  const absolute = ABSOLUTE[operator.name];
  if (absolute !== undefined) return { metric: "absolute", value: absolute };
  return { metric: "ulp", value: ulpsOf(operator, name => inputs[String(name)].descriptor.shape) };
}

const bits = new DataView(new ArrayBuffer(4));

/** The place of an f32 among all, 0 for both zeros. */
function placeOf(x: number): number {
  bits.setFloat32(0, Math.abs(x));
  return x < 0 ? -bits.getInt32(0) : bits.getInt32(0);
}

export function within(got: number, want: number, { metric, value }: Tolerance): boolean {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return true;
  if (Number.isNaN(got) || Number.isNaN(want)) return false;
  return (metric === "absolute" ? Math.abs(got - want) : Math.abs(placeOf(got) - placeOf(want))) <= value;
}
