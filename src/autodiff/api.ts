import { argumentError, callError, checkOptions, checkTensors } from "../graph/arguments.ts";
import { currentSite } from "../graph/call-site.ts";
import { createNode } from "../graph/node.ts";
import { nameOf, oneCall, sitesOf } from "../graph/provenance.ts";
import { type Scalar, Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { fill } from "../ops/source.ts";
import { isFloat } from "../shared/dtype.ts";
import { formatType, typeEquals } from "../shared/shape.ts";
import { leavesOf, mapTree, type Tree } from "../shared/tree.ts";
import { jvpRequest, vjpRequest } from "./request.ts";

export interface DerivativeOptions {
  /** What happens when the result does not depend on a target: an error (default), or zeros. */
  readonly disconnected?: "error" | "zeros";
}

/** A tree of derivatives, one for each leaf of the targets' tree, of the same shapes and dtypes. */
export type LikeTree<Targets> =
  Targets extends Scalar<infer D>
    ? Scalar<D>
    : Targets extends Tensor<infer D>
      ? Tensor<D>
      : Targets extends object
        ? { [K in keyof Targets]: LikeTree<Targets[K]> }
        : never;

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

export const calledAs = (value: Tensor): string => {
  const name = nameOf(value);
  return `${name === undefined ? value.node.op.name : JSON.stringify(name)} ${formatType(value)}`;
};

/** The values that y depends on through differentiable operations. */
function influences(y: Tensor): Set<Tensor> {
  const found = new Set([y]);
  const order = topological([y]);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at];
    if (!node.op.derivative || !node.outputs.some(o => found.has(o))) continue;
    for (const o of node.operands) if (isFloat(o.dtype)) found.add(o);
  }
  return found;
}

const TREE = "a tensor, or tensors in arrays and records";

/** The tensors of a tree, in order. */
export function tensorsOf(rule: string, what: string, tree: unknown, mend?: string): Tensor[] {
  return leavesOf(tree, isTensor, (value, path) => {
    throw argumentError(rule, `${path === "" ? what : `${what}.${path}`} is not a tensor`, TREE, value, mend);
  });
}

export function targetLeaves(rule: string, y: Tensor, wrt: unknown, options: DerivativeOptions): Tensor[] {
  checkTensors(rule, { y });
  checkOptions(rule, options, ["disconnected"]);
  const { disconnected = "error" } = options;
  const mend = "Name the tensors that the derivative is taken for: grad(loss, { w, b }).";
  if (wrt === undefined) throw argumentError(rule, "wrt is missing", TREE, wrt, mend);
  const targets = tensorsOf(rule, "wrt", wrt, mend);
  for (const target of targets) {
    if (!isFloat(target.dtype)) {
      throw callError("integer-gradient", `${rule}: ${calledAs(target)} holds no floating-point numbers`, {
        expected: "targets of dtype f32 or f64",
        received: formatType(target),
      });
    }
  }
  if (!isFloat(y.dtype)) {
    throw callError("integer-gradient", `${rule}: the result ${calledAs(y)} is not floating-point`, {
      expected: "a result of dtype f32 or f64",
      received: formatType(y),
    });
  }
  if (disconnected === "error") {
    const connected = influences(y);
    for (const target of targets) {
      if (connected.has(target)) continue;
      const declared = sitesOf(target);
      const site = currentSite();
      throw callError("disconnected-gradient", `${rule}: the result does not depend on ${calledAs(target)}`, {
        expected: `a differentiable path from the target to ${calledAs(y)}`,
        sites: [...(site ? [site] : []), ...declared.slice(0, 1)],
      });
    }
  }
  return targets;
}

/** Puts a flat list of derivatives into the targets' tree. */
export function regrow<Targets>(wrt: Targets, flat: readonly Tensor[]): LikeTree<Targets> {
  let next = 0;
  return mapTree(wrt, isTensor, () => flat[next++]) as LikeTree<Targets>;
}

export function matching(rule: string, what: string, given: Tensor, like: Tensor): Tensor {
  checkTensors(rule, { [what]: given });
  if (!typeEquals(given, like)) {
    throw callError("shape", `${rule}: the ${what} has another type than its value`, {
      expected: formatType(like),
      received: formatType(given),
    });
  }
  return given;
}

export function checkScalar(rule: string, y: Tensor): void {
  checkTensors(rule, { y });
  if (y.rank === 0) return;
  throw callError("not-scalar", `${rule}: ${calledAs(y)} is not a scalar`, {
    expected: "a result of shape []",
    received: formatType(y),
  });
}

/**
 * The cotangents of `wrt` for a cotangent of y (vector–Jacobian product), as new nodes of the graph.
 * @param y f32 or f64, any shape
 * @param wrt values of any kind (parameters, inputs, intermediate ones) in a tree; the result is the same tree
 * @param cotangent of y's type
 * @throws GradcError `integer-gradient`, `disconnected-gradient`, `shape`
 */
export function vjp<Targets extends Tree<Tensor>>(
  y: Tensor,
  wrt: Targets,
  cotangent: Tensor,
  options: DerivativeOptions = {},
): LikeTree<Targets> {
  const targets = targetLeaves("vjp", y, wrt, options);
  matching("vjp", "cotangent", cotangent, y);
  return regrow(wrt, createNode(vjpRequest, [y, cotangent, ...targets], { targets: targets.length }).outputs);
}

/**
 * The gradient of a scalar with respect to every leaf of a tree, as new nodes of the graph.
 * @param y a scalar, f32 or f64
 * @param wrt values of any kind in a tree; the result is the same tree
 * @throws GradcError `not-scalar`, `integer-gradient`, `disconnected-gradient`
 */
export function grad<Targets extends Tree<Tensor>>(
  y: Scalar | Tensor,
  wrt: Targets,
  options: DerivativeOptions = {},
): LikeTree<Targets> {
  return oneCall(() => {
    checkScalar("grad", y);
    const targets = targetLeaves("grad", y, wrt, options);
    const one = fill(1, [], y.dtype);
    return regrow(wrt, createNode(vjpRequest, [y, one, ...targets], { targets: targets.length }).outputs);
  });
}

/**
 * The tangent of y when the values of `wrt` move along `tangent` (Jacobian–vector product), as new nodes.
 * @param tangent a tree like `wrt`
 */
export function jvp<Targets extends Tree<Tensor>>(
  y: Tensor,
  wrt: Targets,
  tangent: LikeTree<Targets>,
  options?: DerivativeOptions,
): Tensor;
export function jvp(y: Tensor, wrt: unknown, tangent: unknown, options: DerivativeOptions = {}): Tensor {
  return tangentAlong("jvp", y, targetLeaves("jvp", y, wrt, options), tangent);
}

/** The tangent of y for a tree of tangents of the targets. */
export function tangentAlong(rule: string, y: Tensor, targets: readonly Tensor[], tangent: unknown): Tensor {
  const tangents = tensorsOf(rule, "tangent", tangent);
  if (tangents.length !== targets.length) {
    throw callError("shape", `${rule}: not as many tangents as targets`, {
      expected: String(targets.length),
      received: String(tangents.length),
    });
  }
  tangents.forEach((t, i) => {
    matching(rule, "tangent", t, targets[i]);
  });
  return createNode(jvpRequest, [y, ...targets, ...tangents], { targets: targets.length }).outputs[0];
}

/**
 * Hessian–vector product of a scalar: the tangent of its gradient along `vector` (forward over reverse), without
 * building the Hessian.
 * @param vector a tree like `wrt`
 */
export function hvp<Targets extends Tree<Tensor>>(
  y: Scalar | Tensor,
  wrt: Targets,
  vector: LikeTree<Targets>,
  options?: DerivativeOptions,
): LikeTree<Targets>;
export function hvp(y: Scalar | Tensor, wrt: unknown, vector: unknown, options: DerivativeOptions = {}): unknown {
  const targets = targetLeaves("hvp", y, wrt, options);
  const vectors = tensorsOf("hvp", "vector", vector);
  if (vectors.length !== targets.length) {
    throw callError("shape", "hvp: not as many vectors as targets", {
      expected: String(targets.length),
      received: String(vectors.length),
    });
  }
  targets.forEach((t, i) => {
    matching("hvp", "vector", vectors[i], t);
  });
  // A gradient that does not depend on the targets (a linear function's) has derivative zero.
  const flat = leavesOf(grad(y, [...targets], options), isTensor).map(
    g => createNode(jvpRequest, [g, ...targets, ...vectors], { targets: targets.length }).outputs[0],
  );
  return regrow<readonly Tensor[]>(wrt as readonly Tensor[], flat);
}
