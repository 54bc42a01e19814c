export { type DerivativeOptions, grad, hvp, jvp, type LikeTree, vjp } from "./api.ts";
export { expandRequests } from "./expand.ts";
export { jvpSweep } from "./jvp.ts";
export { isRequest, jvpRequest, vjpRequest } from "./request.ts";
export { tapOp, tapTargets } from "./tap.ts";
export { activeValues, type SweepStep, vjpSweep } from "./vjp.ts";
