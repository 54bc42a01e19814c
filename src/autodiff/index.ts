import { bindSweep } from "../kinds/sweep.ts";
import { jvpSweep } from "./jvp.ts";
import { vjpSweep } from "./vjp.ts";

export { type DerivativeOptions, grad, hvp, jvp, type LikeTree, vjp } from "./api.ts";
export { expandRequests } from "./expand.ts";
export { GRAPH_OPS } from "./graph-ops.ts";
export {
  type HessianTree,
  hessian,
  type JacobianOptions,
  type JacobianTree,
  jacobian,
  type Linearized,
  linearize,
} from "./jacobian.ts";
export { jvpSweep } from "./jvp.ts";
export { isGradient, isRequest, jvpRequest, vjpRequest } from "./request.ts";
export {
  type Pattern,
  type SparseJacobian,
  type SparseOptions,
  sparseHessian,
  sparseJacobian,
} from "./sparse.ts";
export { tapOp, tapTargets } from "./tap.ts";
export { activeValues, type SweepStep, vjpSweep } from "./vjp.ts";
export { type Axes, type VmapOptions, vmap } from "./vmap.ts";

// The derivative of a loop is a loop over the derivative of its body: kinds take the sweeps from here.
bindSweep({ vjp: (results, wrt, cotangents) => vjpSweep(results, wrt, cotangents), jvp: jvpSweep });
