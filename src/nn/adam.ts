import { add, cast, checkOptions, div, expm1, mul, neg, type Param, set, sqrt, square, sub } from "../api.ts";
import { type Optimizer, type OptimizerOptions, optimizer } from "./optimizer.ts";

export interface AdamOptions extends Partial<OptimizerOptions> {
  /** Decay of the first moment (default 0.9). */
  readonly beta1?: number;
  /** Decay of the second moment (default 0.999). */
  readonly beta2?: number;
  /** Added to the root of the second moment (default 1e-8). */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1):
 * m ← β₁·m + (1−β₁)·g, v ← β₂·v + (1−β₂)·g², θ ← θ − η·m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 * State: `<name>.<parameter>.m`, `<name>.<parameter>.v` and the counter `<name>.step`. The default rate is 0.001.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions("adam", options, ["learningRate", "name", "beta1", "beta2", "epsilon"]);
  const { learningRate = 0.001, name = "adam", beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return optimizer({ name, learningRate }, ({ parameter, gradient, rate, step, state }) => {
    const t = cast(step(), parameter.dtype);
    // 1 − βᵗ = −expm1(t·ln β), without the cancellation that 1 − βᵗ has for β near 1.
    const correction = (beta: number) => neg(expm1(mul(t, Math.log(beta))));
    const oldM = state("m");
    const oldV = state("v");
    const m = add(mul(oldM, beta1), mul(gradient, 1 - beta1));
    const v = add(mul(oldV, beta2), mul(square(gradient), 1 - beta2));
    const rateM = div(rate, correction(beta1));
    const root = add(sqrt(div(v, correction(beta2))), epsilon);
    return [set(oldM, m), set(oldV, v), set(parameter as Param, sub(parameter, mul(rateM, div(m, root))))];
  });
}
