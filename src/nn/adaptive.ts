import { add, checkOptions, div, mul, type Param, set, sqrt, square, sub } from "../api.ts";
import { type Optimizer, type OptimizerOptions, optimizer } from "./optimizer.ts";

export interface AdagradOptions extends Partial<OptimizerOptions> {
  /** Added to the root (default 1e-10). */
  readonly epsilon?: number;
}

/**
 * AdaGrad (Duchi, Hazan & Singer 2011, with a diagonal matrix): s ← s + g², θ ← θ − η·g/(√s + ε).
 * State: `<name>.<parameter>.sum`. The default rate is 0.01.
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  checkOptions("adagrad", options, ["learningRate", "name", "epsilon"]);
  const { learningRate = 0.01, name = "adagrad", epsilon = 1e-10 } = options;
  return optimizer({ name, learningRate }, ({ parameter, gradient, rate, state }) => {
    const old = state("sum");
    const sum = add(old, square(gradient));
    const step = div(mul(gradient, rate), add(sqrt(sum), epsilon));
    return [set(old, sum), set(parameter as Param, sub(parameter, step))];
  });
}

export interface RmspropOptions extends Partial<OptimizerOptions> {
  /** α, the share of the mean square that is kept (default 0.9). */
  readonly decay?: number;
  /** μ, the share of the velocity that is kept (default 0: no velocity). */
  readonly momentum?: number;
  /** Divides by the standard deviation of the gradient, not by its root mean square (Graves 2013). */
  readonly centered?: boolean;
  /** Added to the root (default 1e-8). */
  readonly epsilon?: number;
}

/**
 * RMSProp (Tieleman & Hinton 2012): v ← α·v + (1−α)·g², θ ← θ − η·d with d = g/(√v + ε). With `centered`
 * m ← α·m + (1−α)·g and √(v − m²) in the place of √v; with `momentum` u ← μ·u + d and θ ← θ − η·u.
 * State: `<name>.<parameter>.v`, `.m` if centered, `.velocity` with momentum. The default rate is 0.001.
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  checkOptions("rmsprop", options, ["learningRate", "name", "decay", "momentum", "centered", "epsilon"]);
  const { learningRate = 0.001, name = "rmsprop", decay = 0.9, epsilon = 1e-8 } = options;
  const { momentum = 0, centered = false } = options;
  return optimizer({ name, learningRate }, ({ parameter, gradient, rate, state }) => {
    const blend = (old: typeof gradient, now: typeof gradient) => add(mul(old, decay), mul(now, 1 - decay));
    const oldV = state("v");
    const v = blend(oldV, square(gradient));
    const updates = [set(oldV, v)];
    let spread = v;
    if (centered) {
      const oldM = state("m");
      const m = blend(oldM, gradient);
      spread = sub(v, square(m));
      updates.push(set(oldM, m));
    }
    let direction = div(gradient, add(sqrt(spread), epsilon));
    if (momentum !== 0) {
      const velocity = state("velocity");
      direction = add(mul(velocity, momentum), direction);
      updates.push(set(velocity, direction));
    }
    return [...updates, set(parameter as Param, sub(parameter, mul(direction, rate)))];
  });
}
