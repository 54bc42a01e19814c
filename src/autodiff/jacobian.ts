import { argumentError, checkOptions } from "../graph/arguments.ts";
import { createNode } from "../graph/node.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import { moveAxis } from "../kinds/batch.ts";
import { cast } from "../ops/cast.ts";
import { eq } from "../ops/compare.ts";
import { reshape } from "../ops/reshape.ts";
import { iota } from "../ops/source.ts";
import { maxSizeOf, sizeOf } from "../shared/shape.ts";
import type { Tree } from "../shared/tree.ts";
import {
  checkScalar,
  type DerivativeOptions,
  grad,
  type LikeTree,
  matching,
  regrow,
  tangentAlong,
  targetLeaves,
} from "./api.ts";
import { jvpRequest, vjpRequest } from "./request.ts";

export interface JacobianOptions extends DerivativeOptions {
  /**
   * `reverse`: a cotangent for each element of y. `forward`: a tangent for each element of a target. Default: whichever
   * are fewer.
   */
  readonly mode?: "forward" | "reverse";
}

/** For each target a Jacobian of shape [...y, ...target]. */
export type JacobianTree<Targets> =
  Targets extends Tensor<infer D>
    ? Tensor<D>
    : Targets extends object
      ? { [K in keyof Targets]: JacobianTree<Targets[K]> }
      : never;

/** For each pair of targets a block of shape [...first, ...second]. */
export type HessianTree<Targets, All = Targets> = Targets extends Tensor
  ? JacobianTree<All>
  : Targets extends object
    ? { [K in keyof Targets]: HessianTree<Targets[K], All> }
    : never;

/** One direction for each element of a value: [n, ...shape], ones on the diagonal. */
function basis(x: Tensor): Tensor {
  const n = sizeOf(x.shape);
  return reshape(cast(eq(iota([n, n], 0), iota([n, n], 1)), x.dtype), [n, ...x.shape]);
}

/** [...y, ...x] from the cotangents of x for all elements of y. */
function byRows(y: Tensor, targets: readonly Tensor[]): Tensor[] {
  const attrs = { targets: targets.length, directions: sizeOf(y.shape) };
  const { outputs } = createNode(vjpRequest, [y, basis(y), ...targets], attrs);
  return outputs.map((rows, k) => reshape(rows, [...y.shape, ...targets[k].shape]));
}

/** [...y, ...x] from the tangents of y for all elements of x. */
function byColumns(y: Tensor, x: Tensor): Tensor {
  const attrs = { targets: 1, directions: sizeOf(x.shape) };
  const [columns] = createNode(jvpRequest, [y, x, basis(x)], attrs).outputs;
  return reshape(moveAxis(columns, 0, y.rank), [...y.shape, ...x.shape]);
}

/**
 * All partial derivatives ∂y/∂x, as new nodes of the graph. The forward values are computed once; only what depends on
 * the direction is computed for each.
 * @param y f32 or f64, any shape
 * @param wrt values of any kind in a tree; the result is the same tree
 * @param options.mode reverse or forward; default by the sizes
 * @returns for each target [...y, ...target]
 * @throws GradcError `integer-gradient`, `disconnected-gradient`, `attribute`
 */
export function jacobian<Targets extends Tree<Tensor>>(
  y: Tensor,
  wrt: Targets,
  options: JacobianOptions = {},
): JacobianTree<Targets> {
  return oneCall(() => {
    checkOptions("jacobian", options, ["mode", "disconnected"]);
    const { mode, ...rest } = options;
    if (mode !== undefined && mode !== "forward" && mode !== "reverse") {
      throw argumentError("jacobian", "there is no such mode", '"forward" or "reverse"', mode);
    }
    const targets = targetLeaves("jacobian", y, wrt, rest);
    const columns = targets.reduce((total, t) => total + maxSizeOf(t.shape), 0);
    const forward = mode === undefined ? columns < maxSizeOf(y.shape) : mode === "forward";
    const flat = forward ? targets.map(t => byColumns(y, t)) : byRows(y, targets);
    return regrow(wrt, flat) as unknown as JacobianTree<Targets>;
  });
}

/**
 * All second derivatives ∂²y/∂a∂b of a scalar, as new nodes: tangents of its gradient (forward over reverse).
 * @param y a scalar, f32 or f64
 * @param wrt one target, or targets in a tree; the result has the tree twice: `hessian(y, { a, b }).a.b`
 * @returns for each pair of targets [...first, ...second]
 * @throws GradcError `not-scalar`, `integer-gradient`, `disconnected-gradient`
 */
export function hessian<Targets extends Tree<Tensor>>(
  y: Scalar | Tensor,
  wrt: Targets,
  options: DerivativeOptions = {},
): HessianTree<Targets> {
  return oneCall(() => {
    checkScalar("hessian", y);
    const targets = targetLeaves("hessian", y, wrt, options);
    const gradients = grad(y, targets, options) as readonly Tensor[];
    // A gradient that does not depend on a target has zeros there.
    const blocks = gradients.map(g =>
      regrow(
        wrt,
        targets.map(t => byColumns(g, t)),
      ),
    );
    return regrow(wrt, blocks as unknown as Tensor[]) as unknown as HessianTree<Targets>;
  });
}

/** A value and the linear map that its derivative is. */
export interface Linearized<Targets> {
  readonly value: Tensor;
  /** The tangent of the value for tangents of the targets: may be taken any number of times. */
  push(tangent: LikeTree<Targets>): Tensor;
  /** Its transpose: the cotangents of the targets for a cotangent of the value. */
  pull(cotangent: Tensor): LikeTree<Targets>;
}

/**
 * The derivative of y at the values of `wrt` as a linear map, for solvers and methods that take many directions. The
 * values it needs are computed once, however often it is applied.
 * @throws GradcError `integer-gradient`, `disconnected-gradient`
 */
export function linearize<Targets extends Tree<Tensor>>(
  y: Tensor,
  wrt: Targets,
  options?: DerivativeOptions,
): Linearized<Targets>;
export function linearize(y: Tensor, wrt: unknown, options: DerivativeOptions = {}): unknown {
  const targets: readonly Tensor[] = targetLeaves("linearize", y, wrt, options);
  return {
    value: y,
    push: (tangent: unknown) => tangentAlong("linearize", y, targets, tangent),
    pull: (cotangent: Tensor) => {
      const operands = [y, matching("linearize", "cotangent", cotangent, y), ...targets];
      return regrow(wrt, createNode(vjpRequest, operands, { targets: targets.length }).outputs);
    },
  };
}
