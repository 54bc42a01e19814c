import { add, checkOptions, mul, type Param, set, sub } from "../api.ts";
import { type Optimizer, type OptimizerOptions, optimizer } from "./optimizer.ts";

/** Gradient descent: θ ← θ − η·g. Has no state. */
export function sgd(options: OptimizerOptions): Optimizer {
  checkOptions("sgd", options, ["learningRate", "name"]);
  const { learningRate, name = "sgd" } = options;
  return optimizer({ name, learningRate }, ({ parameter, gradient, rate }) => [
    set(parameter as Param, sub(parameter, mul(gradient, rate))),
  ]);
}

export interface MomentumOptions extends OptimizerOptions {
  /** μ, the share of the velocity that is kept (default 0.9). */
  readonly momentum?: number;
  /** Looks ahead along the velocity (Nesterov 1983, in the form of Sutskever et al. 2013). */
  readonly nesterov?: boolean;
}

/**
 * Gradient descent with momentum: v ← μ·v + g, θ ← θ − η·v; with `nesterov` θ ← θ − η·(g + μ·v) with the new v.
 * State: `<name>.<parameter>.velocity`.
 */
export function momentum(options: MomentumOptions): Optimizer {
  checkOptions("momentum", options, ["learningRate", "name", "momentum", "nesterov"]);
  const { learningRate, name = "momentum", momentum: keep = 0.9, nesterov = false } = options;
  return optimizer({ name, learningRate }, ({ parameter, gradient, rate, state }) => {
    const old = state("velocity");
    const velocity = add(mul(old, keep), gradient);
    const direction = nesterov ? add(gradient, mul(velocity, keep)) : velocity;
    return [set(old, velocity), set(parameter as Param, sub(parameter, mul(direction, rate)))];
  });
}
