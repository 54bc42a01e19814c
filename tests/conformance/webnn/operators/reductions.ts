import * as g from "../../../../src/index.ts";
import type { Arguments, Float, Operators } from "./operator.ts";

type Reduce = (x: Float, axes: number[] | undefined, options: { keepDims: boolean }) => Float;

const reduction =
  (f: Reduce) =>
  (a: Arguments): g.Tensor =>
    f(a.one("input"), a.option<number[] | undefined>("axes", undefined), {
      keepDims: a.option("keepDimensions", false),
    });

export const REDUCTIONS: Operators = {
  reduceL1: reduction((x, axes, options) => g.norm(x, axes, { order: 1, ...options })),
  reduceL2: reduction((x, axes, options) => g.norm(x, axes, options)),
  reduceLogSum: reduction((x, axes, options) => g.log(g.sum(x, axes, options))),
  reduceLogSumExp: reduction(g.logSumExp),
  reduceMax: reduction(g.max),
  reduceMean: reduction(g.mean),
  reduceMin: reduction(g.min),
  reduceProduct: reduction(g.prod),
  reduceSum: reduction(g.sum),
  reduceSumSquare: reduction((x, axes, options) => g.sum(g.square(x), axes, options)),
  softmax: a => g.softmax(a.one("input"), a.plain<number>("axis")),
  matmul: a => g.matmul(a.one("a"), a.one("b")),
};
