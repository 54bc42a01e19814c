import { argumentError, checkOptions, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { composite } from "../kinds/composite.ts";
import { checkDType } from "../kinds/linear-helpers.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { addOp, mulOp, subOp } from "./arithmetic.ts";
import { axesOf, checkAxes } from "./axes.ts";
import { apply, make } from "./coerce.ts";
import { expand, otherAxes } from "./expand.ts";
import { rsqrtOp } from "./power.ts";
import { rawMean, rawVariance } from "./statistics.ts";

const axesIn = (attrs: Attrs): readonly number[] => attrs.axes as readonly number[];

/** The mean, repeated along the axes. */
const level = (x: Tensor, axes: readonly number[]): Tensor =>
  expand(rawMean(x, axes), x.shape, otherAxes(x.rank, axes));

/** r = 1/√(mean square distance from the mean, or from 0, + ε), repeated along the axes. */
function inverse(x: Tensor, attrs: Attrs): Tensor {
  const axes = axesIn(attrs);
  const spread = attrs.center ? rawVariance(x, axes, 0) : rawMean(make(mulOp, x, x), axes);
  return expand(make(rsqrtOp, make(addOp, spread, attrs.epsilon as number)), x.shape, otherAxes(x.rank, axes));
}

/** r·(v − mean v − y·mean(v·y)): the Jacobian of standardize, which is symmetric; without the mean where x has none. */
function project(x: Tensor, y: Tensor, v: Tensor, attrs: Attrs): Tensor {
  const axes = axesIn(attrs);
  const off = attrs.center ? make(subOp, v, level(v, axes)) : v;
  return make(mulOp, inverse(x, attrs), make(subOp, off, make(mulOp, y, level(make(mulOp, v, y), axes))));
}

export const standardizeOp = composite({
  name: "standardize",
  operands: ["x"],
  dtypes: ["f32", "f64"],
  inferTypes: ([x], attrs) => {
    checkDType("standardize", x, ["f32", "f64"]);
    checkAxes("standardize", axesIn(attrs), x.shape.length);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  expand: ([x], attrs) => {
    const off = attrs.center ? make(subOp, x, level(x, axesIn(attrs))) : x;
    return [make(mulOp, off, inverse(x, attrs))];
  },
  derivative: {
    equations: ["r·(ȳ − mean ȳ − y·mean(ȳ·y))"],
    vjp: ({ node, operands: [x], outputs: [y], cotangents: [cotangent] }) => [
      cotangent && project(x, y, cotangent, node.attrs),
    ],
    jvp: ({ node, operands: [x], outputs: [y], tangents: [tangent] }) => [
      tangent && project(x, y, tangent, node.attrs),
    ],
  },
});

export interface StandardizeOptions {
  /** Added to the mean square, so that constant slices give 0 (default 1e-5). */
  readonly epsilon?: number;
  /** Take the mean away first (default); without, elements are divided by their root mean square. */
  readonly center?: boolean;
}

/**
 * Slices with mean 0 and variance 1: (x − mean)/√(variance + ε), the variance divided by the count. What batch, layer,
 * group and instance normalisation (Ioffe & Szegedy 2015; Ba et al. 2016; Wu & He 2018; Ulyanov et al. 2016) do along
 * their axes; with `center: false` what RMS normalisation does (Zhang & Sennrich 2019).
 * @param x f32 or f64, any shape
 * @param axes one axis or several that make a slice, negative ones count from the back; default the last
 * @returns x's shape
 * @throws GradcError `attribute` for axes that x lacks, `dtype`
 */
export function standardize<D extends FloatDType>(
  x: Tensor<D>,
  axes: number | readonly number[] = -1,
  options: StandardizeOptions = {},
): Tensor<D> {
  checkTensors("standardize", { x });
  checkOptions("standardize", options, ["epsilon", "center"]);
  const { epsilon = 1e-5, center = true } = options;
  if (typeof epsilon !== "number" || !(epsilon >= 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw argumentError("standardize", "epsilon is not a number that can be added", "a number from 0 on", epsilon);
  }
  const attrs = { axes: axesOf("standardize", axes, x.rank), epsilon, center: center !== false };
  return apply(standardizeOp, [x], attrs) as Tensor<D>;
}
