import * as g from "../../../../src/index.ts";
import type { Float, Kernels, Operands, Recorded } from "./kernel.ts";

type Axes = number | number[] | undefined;
type Reduce = (x: Float, axes: Axes, options: { keepDims: boolean }) => g.Tensor;

/** null stands for all axes; Max names its axes in its own way. */
const reduction =
  (f: Reduce) =>
  (o: Operands, { axis, reductionIndices, keepDims }: Recorded): g.Tensor =>
    f(o.one("x"), ((axis ?? reductionIndices) as Axes | null) ?? undefined, { keepDims: keepDims === true });

export const REDUCTIONS: Kernels = {
  Sum: reduction(g.sum),
  Mean: reduction(g.mean),
  Prod: reduction(g.prod),
  Max: reduction(g.max),
  Min: reduction(g.min),
  ArgMax: (o, { axis }) => g.argmax(o.one("x"), axis as number),
  ArgMin: (o, { axis }) => g.argmin(o.one("x"), axis as number),
  Softmax: (o, { dim }) => g.softmax(o.one("logits"), dim as number),
  BatchMatMul: (o, { transposeA, transposeB }) => {
    const turned = (x: Float, turn: unknown): Float => {
      const axes = x.shape.map((_, axis) => axis);
      return turn ? g.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]) : x;
    };
    return g.matmul(turned(o.one("a"), transposeA), turned(o.one("b"), transposeB));
  },
  // (x − mean)·scale / √(variance + ε) + offset
  FusedBatchNorm: (o, { varianceEpsilon }) => {
    const factor = g.mul(g.rsqrt(g.add(o.one("variance"), varianceEpsilon as number)), o.one("scale"));
    return g.add(g.mul(g.sub(o.one("x"), o.one("mean")), factor), o.one("offset"));
  },
  // x·(bias + α·Σ x²)^−β over the neighbouring channels
  LRN: (o, { depthRadius, bias, alpha, beta }) => {
    const size = 2 * (depthRadius as number) + 1;
    const options = { bias: bias as number, alpha: (alpha as number) * size, beta: beta as number };
    return g.localResponseNorm(o.one("x"), { size, ...options });
  },
};
