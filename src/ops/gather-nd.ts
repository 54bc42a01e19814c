import { checkOptions, checkSizes, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type Dim, isSymbolic } from "../shared/dim.ts";
import type { DType, NumericDType } from "../shared/dtype.ts";
import { formatType, type Shape, sizeOf } from "../shared/shape.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { callError } from "./coerce.ts";
import { indexAt } from "./concat.ts";
import { gather, scatterAdd } from "./gather.ts";
import { maximum, minimum } from "./maximum.ts";
import { reshape } from "./reshape.ts";
import { scatterSet } from "./scatter.ts";
import { extent } from "./source.ts";

const sizeValue = (d: Dim): number | Tensor<"i32"> => (isSymbolic(d) ? extent(d, "i32") : d);

interface Points {
  /** i32: the row-major place of every point among the leading axes. */
  readonly flat: Tensor<"i32">;
  /** All leading axes as one, and what follows. */
  readonly count: Dim;
  readonly rest: Shape;
}

/** Points [..., m] in the first m axes of a shape; coordinates are clamped. */
function pointsIn(name: string, indices: Tensor<"i32">, shape: Shape): Points {
  const m = indices.shape[indices.rank - 1];
  if (indices.dtype !== "i32" || typeof m !== "number" || m < 1 || m > shape.length) {
    throw callError("shape", `${name}: the indices are no points`, {
      expected: `i32 [..., m] with 1 ≤ m ≤ ${shape.length}`,
      received: formatType(indices),
    });
  }
  let flat: Tensor<"i32"> | undefined;
  for (let axis = 0; axis < m; axis++) {
    const size = sizeValue(shape[axis]);
    const last = typeof size === "number" ? size - 1 : sub(size, 1);
    const coordinate = maximum(minimum(indexAt(indices, axis, -1), last), 0) as Tensor<"i32">;
    flat = flat ? (add(mul(flat, size), coordinate) as Tensor<"i32">) : coordinate;
  }
  return { flat: flat as Tensor<"i32">, count: sizeOf(shape.slice(0, m)), rest: shape.slice(m) };
}

/**
 * Slices of x at points of its first m axes (TensorFlow's gather_nd): x [A, B, E] and indices [N, 2] give [N, E].
 * @param indices i32 [..., m], 1 ≤ m ≤ rank of x; coordinates out of range are clamped
 * @returns [..., the axes of x from m on]
 * @throws GradcError `shape`
 */
export function gatherNd<D extends DType>(x: Tensor<D>, indices: Tensor<"i32">): Tensor<D> {
  checkTensors("gatherNd", { x, indices });
  return oneCall(() => {
    const { flat, count, rest } = pointsIn("gatherNd", indices, x.shape);
    return gather(reshape(x, [count, ...rest]), flat) as Tensor<D>;
  });
}

/**
 * Zeros with slices added at points: the transpose of gatherNd.
 * @param indices i32 [..., m]; coordinates out of range are clamped
 * @param updates [..., the result's axes from m on]
 * @param options.shape of the result
 * @throws GradcError `shape`
 */
export function scatterAddNd<D extends NumericDType>(
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  options: { readonly shape: Shape },
): Tensor<D> {
  checkTensors("scatterAddNd", { indices, updates });
  checkOptions("scatterAddNd", options, ["shape"]);
  checkSizes("scatterAddNd", options.shape);
  return oneCall(() => {
    const { flat, count } = pointsIn("scatterAddNd", indices, options.shape);
    return reshape(scatterAdd(flat, updates, { size: count }), options.shape) as Tensor<D>;
  });
}

/**
 * x with slices replaced at points of its first axes; of several at one point the last stays. See scatterSet.
 * @param indices i32 [..., m]; coordinates out of range are clamped
 * @param updates [..., the axes of x from m on]
 * @throws GradcError `shape`
 */
export function scatterSetNd<D extends DType>(x: Tensor<D>, indices: Tensor<"i32">, updates: Tensor<D>): Tensor<D> {
  checkTensors("scatterSetNd", { x, indices, updates });
  return oneCall(() => {
    const { flat, count, rest } = pointsIn("scatterSetNd", indices, x.shape);
    return reshape(scatterSet(reshape(x, [count, ...rest]), flat, updates as Tensor<D>), x.shape) as Tensor<D>;
  });
}
