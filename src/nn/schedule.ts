import { add, cast, cos, div, exp, fill, floor, lt, maximum, minimum, mul, type Scalar, where } from "../api.ts";

/** A learning rate as a graph of the number of updates done so far (i32 []). Optimizers count for themselves. */
export type Schedule = (step: Scalar<"i32">) => Scalar<"f32">;

const count = (step: Scalar<"i32">): Scalar<"f32"> => cast(step, "f32");

/** The same rate at every step. */
export const constantRate =
  (rate: number): Schedule =>
  () =>
    fill(rate, [], "f32") as Scalar<"f32">;

/** initial · rate^(step / steps) */
export const exponentialDecay =
  ({ initial, rate, steps }: { readonly initial: number; readonly rate: number; readonly steps: number }): Schedule =>
  step =>
    mul(exp(mul(count(step), Math.log(rate) / steps)), initial);

/** initial · rate^⌊step / steps⌋ */
export const stepDecay =
  ({ initial, rate, steps }: { readonly initial: number; readonly rate: number; readonly steps: number }): Schedule =>
  step =>
    mul(exp(mul(floor(div(count(step), steps)), Math.log(rate))), initial);

/** final + (initial − final)·(1 + cos(π·min(step / steps, 1)))/2 (Loshchilov & Hutter 2017, without restarts) */
export const cosineDecay =
  ({
    initial,
    steps,
    final = 0,
  }: {
    readonly initial: number;
    readonly steps: number;
    readonly final?: number;
  }): Schedule =>
  step => {
    const angle = mul(minimum(div(count(step), steps), 1), Math.PI);
    return add(mul(add(cos(angle), 1), (initial - final) / 2), final);
  };

/** Rises in a straight line to the first rate of `then` over `steps` updates, then follows it (from its own step 0). */
export const warmup =
  ({ steps, then }: { readonly steps: number; readonly then: Schedule }): Schedule =>
  step => {
    const after = then(maximum(add(step, -steps), 0));
    const share = div(add(count(step), 1), steps);
    return where(lt(step, steps), mul(after, share), after);
  };
