import {
  add,
  argumentError,
  cast,
  checkFunction,
  checkOptions,
  cos,
  div,
  exp,
  fill,
  floor,
  lt,
  maximum,
  minimum,
  mul,
  type Scalar,
  where,
} from "../api.ts";

/** A learning rate as a graph of the number of updates done so far (i32 []). Optimizers count for themselves. */
export type Schedule = (step: Scalar<"i32">) => Scalar<"f32">;

const count = (step: Scalar<"i32">): Scalar<"f32"> => cast(step, "f32");

export interface DecayOptions {
  readonly initial: number;
  readonly rate: number;
  readonly steps: number;
}

/** Options that are numbers, none of which may be missing. */
function numbersOf<T extends object>(who: string, options: T, names: readonly (keyof T & string)[]): T {
  checkOptions(who, options, names);
  for (const name of names) {
    const value = options[name];
    if (typeof value !== "number") throw argumentError(who, `${name} is not a number`, "a number", value);
  }
  return options;
}

/** The same rate at every step. */
export function constantRate(rate: number): Schedule {
  if (typeof rate !== "number") throw argumentError("constantRate", "the rate is not a number", "a number", rate);
  return () => fill(rate, [], "f32") as Scalar<"f32">;
}

/** initial · rate^(step / steps) */
export function exponentialDecay(options: DecayOptions): Schedule {
  const { initial, rate, steps } = numbersOf("exponentialDecay", options, ["initial", "rate", "steps"]);
  return step => mul(exp(mul(count(step), Math.log(rate) / steps)), initial);
}

/** initial · rate^⌊step / steps⌋ */
export function stepDecay(options: DecayOptions): Schedule {
  const { initial, rate, steps } = numbersOf("stepDecay", options, ["initial", "rate", "steps"]);
  return step => mul(exp(mul(floor(div(count(step), steps)), Math.log(rate))), initial);
}

/** final + (initial − final)·(1 + cos(π·min(step / steps, 1)))/2 (Loshchilov & Hutter 2017, without restarts) */
export function cosineDecay(options: {
  readonly initial: number;
  readonly steps: number;
  /** Default 0. */
  readonly final?: number;
}): Schedule {
  const { initial, steps, final } = numbersOf("cosineDecay", { final: 0, ...options }, ["initial", "steps", "final"]);
  return step => {
    const angle = mul(minimum(div(count(step), steps), 1), Math.PI);
    return add(mul(add(cos(angle), 1), (initial - final) / 2), final);
  };
}

/** Rises in a straight line to the first rate of `then` over `steps` updates, then follows it (from its own step 0). */
export function warmup(options: { readonly steps: number; readonly then: Schedule }): Schedule {
  checkOptions("warmup", options, ["steps", "then"]);
  const { steps, then } = options;
  checkFunction("warmup", "`then`", then);
  return step => {
    const after = then(maximum(add(step, -steps), 0));
    const share = div(add(count(step), 1), steps);
    return where(lt(step, steps), mul(after, share), after);
  };
}
