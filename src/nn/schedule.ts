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
  sub,
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

/** from + (to − from)·(1 − cos(π·share))/2 */
const cosineBetween = (from: number, to: number, share: Scalar<"f32">): Scalar<"f32"> =>
  add(mul(add(cos(mul(share, Math.PI)), 1), (from - to) / 2), to);

/** final + (initial − final)·(1 + cos(π·min(step / steps, 1)))/2 (Loshchilov & Hutter 2017, without restarts) */
export function cosineDecay(options: {
  readonly initial: number;
  readonly steps: number;
  /** Default 0. */
  readonly final?: number;
}): Schedule {
  const { initial, steps, final } = numbersOf("cosineDecay", { final: 0, ...options }, ["initial", "steps", "final"]);
  return step => cosineBetween(initial, final, minimum(div(count(step), steps), 1));
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

/**
 * One rate after the other: rates[0] until step boundaries[0], then rates[1], and so on.
 * @param options.boundaries the steps at which the next rate begins, in rising order: one fewer than rates
 * @throws GradcError `argument` where they do not fit
 */
export function piecewise(options: {
  readonly boundaries: readonly number[];
  readonly rates: readonly number[];
}): Schedule {
  checkOptions("piecewise", options, ["boundaries", "rates"]);
  const { boundaries, rates } = options;
  const numbers = (list: unknown): boolean => Array.isArray(list) && list.every(x => typeof x === "number");
  const fits =
    numbers(boundaries) &&
    numbers(rates) &&
    rates.length === boundaries.length + 1 &&
    boundaries.every((b, i) => i === 0 || b > boundaries[i - 1]);
  if (!fits) {
    const expected = "rising boundaries and one rate more: { boundaries: [100], rates: [0.1, 0.01] }";
    throw argumentError("piecewise", "boundaries and rates do not fit", expected, options);
  }
  return step =>
    boundaries.reduce<Scalar<"f32">>(
      (rate, boundary, i) => where(lt(step, boundary), rate, rates[i + 1]),
      fill(rates[0], [], "f32") as Scalar<"f32">,
    );
}

export interface OneCycleOptions {
  /** The highest rate. */
  readonly peak: number;
  /** Updates of the whole cycle; the last rate stays after them. */
  readonly steps: number;
  /** The share of the steps that rises (default 0.3). */
  readonly rise?: number;
  /** The first rate (default peak/25). */
  readonly initial?: number;
  /** The last rate (default initial/10000). */
  readonly final?: number;
}

/** Rises from `initial` to `peak` and falls to `final`, both along half a cosine (Smith & Topin 2018). */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { peak } = options ?? {};
  const initial = options?.initial ?? peak / 25;
  const filled = { rise: 0.3, final: initial / 1e4, ...options, initial };
  const { steps, rise, final } = numbersOf("oneCycle", filled, ["peak", "steps", "rise", "initial", "final"]);
  const top = rise * steps - 1;
  const last = steps - 1;
  if (!(top > 0 && top < last)) {
    const expected = "rise·steps − 1 between 0 and steps − 1";
    throw argumentError("oneCycle", "the peak lies outside the cycle", expected, { steps, rise });
  }
  return step => {
    const now = minimum(count(step), last);
    const rising = cosineBetween(initial, peak, minimum(div(now, top), 1));
    return where(lt(now, top), rising, cosineBetween(peak, final, div(maximum(sub(now, top), 0), last - top)));
  };
}
