import { conv, input, program, type Tensor, vjp } from "../../src/index.ts";
import { convFlops } from "../workloads/index.ts";
import type { KernelCase } from "./kernel-case.ts";

interface Shape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly window: number;
  readonly strides: number;
  readonly padding: "same" | "valid";
}

const shape = (
  batch: number,
  side: readonly [number, number],
  channels: number,
  filters: number,
  rest: Partial<Shape> = {},
): Shape => ({
  batch,
  height: side[0],
  width: side[1],
  channels,
  filters,
  window: 3,
  strides: 1,
  padding: "same",
  ...rest,
});

/** Sizes of the workloads, and others: odd in every extent, with strides, without padding, other windows. */
const SHAPES: readonly Shape[] = [
  shape(1, [56, 56], 64, 64),
  shape(1, [57, 55], 65, 63),
  shape(1, [57, 57], 63, 65, { padding: "valid" }),
  shape(16, [32, 32], 16, 16),
  shape(15, [31, 33], 17, 17),
  shape(16, [16, 16], 32, 32),
  shape(17, [15, 17], 33, 31),
  shape(16, [8, 8], 64, 64),
  shape(16, [7, 9], 65, 63),
  shape(16, [32, 32], 16, 32, { strides: 2 }),
  shape(16, [33, 31], 17, 33, { strides: 2 }),
  shape(16, [16, 16], 64, 128, { window: 1 }),
  shape(8, [20, 20], 24, 40, { window: 5 }),
  shape(32, [28, 28], 1, 6, { window: 5 }),
  shape(32, [14, 14], 6, 16, { window: 5, padding: "valid" }),
];

type Part = "forward" | "gradient of x" | "gradient of w";

function convolution(s: Shape, part: Part): KernelCase {
  const { batch, height, width, channels, filters, window, strides, padding } = s;
  const out = (size: number): number => Math.ceil((padding === "same" ? size : size - window + 1) / strides);
  const positions = batch * out(height) * out(width);
  const details = [
    `${window}×${window}`,
    ...(strides > 1 ? [`strides ${strides}`] : []),
    ...(padding === "valid" ? ["valid"] : []),
  ];
  return {
    name: `conv ${details.join(" ")} ${channels}→${filters}, ${batch}×${height}×${width}, ${part}`,
    flops: convFlops(positions, window * window, channels, filters),
    against: "peak",
    ...(channels >= 16 && filters >= 16 ? { bar: "convolution" } : {}),
    declare() {
      const x = input("x", [batch, height, width, channels]);
      const w = input("w", [window, window, channels, filters]);
      const y = conv(x, w, { strides, padding });
      if (part === "forward") return program("conv", { run: { inputs: [x, w], outputs: { y } } });
      const cotangent = input("cotangent", [batch, out(height), out(width), filters]);
      const g = vjp<Tensor>(y, part === "gradient of x" ? x : w, cotangent);
      return program("conv", { run: { inputs: [x, w, cotangent], outputs: { g } } });
    },
  };
}

export const CONVOLUTIONS: readonly KernelCase[] = SHAPES.flatMap(s => [
  convolution(s, "forward"),
  convolution(s, "gradient of x"),
  convolution(s, "gradient of w"),
]);
