import {
  add,
  and,
  constant,
  eq,
  fill,
  grad,
  jvp,
  le,
  lt,
  mul,
  not,
  oneHot,
  or,
  type Scalar,
  scan,
  stack,
  sub,
  sum,
  type Tensor,
  where,
  zeros,
} from "gradc";

export type Vector = Tensor<"f64">;
export type Flag = Scalar<"bool">;

/** Forward: a tangent for each element. Reverse: one cotangent. */
export type Mode = "forward" | "reverse";

/** The gradient of a number in a vector, by either mode. */
export function gradientBy(mode: Mode, value: Scalar<"f64">, x: Vector): Vector {
  if (mode === "reverse") return grad(value, x);
  const n = x.shape[0] as number;
  return stack(
    Array.from({ length: n }, (_, i) => jvp(value, x, oneHot(constant(i, [], "i32"), n, "f64")) as Scalar<"f64">),
  );
}

/** A function at a point, and whether loops inside it came to their end. */
export type Point = { readonly value: Scalar<"f64">; readonly gradient: Vector; readonly finished: Flag };

const TOLERANCE = 1e-5;
const FIRST_RATE = 1e-5;
/** Successes in a row after which the rate doubles. */
const PATIENCE = 10;
const NOT_BEGUN = -1;

const squareNorm = (x: Vector): Scalar<"f64"> => sum(mul(x, x));
const isSmall = (x: Vector): Flag => le(squareNorm(x), TOLERANCE ** 2) as Flag;

/**
 * Gradient descent whose rate halves after a step that does not descend and doubles after ten that do, until the
 * gradient or the step is shorter than 10⁻⁵. The first round evaluates `f` at the start.
 * @param f called once, with a value of its own: the derivative in it is not that in `start`
 * @param rounds at most; what has come to its end keeps still in the rest of them
 * @returns the minimum, and whether this and all loops inside came to their ends
 */
export function argmin(f: (x: Vector) => Point, start: Vector, rounds: number): { x: Vector; finished: Flag } {
  const { carry } = scan(
    state => {
      const { x, value, gradient, rate, successes, done, finished } = state;
      const begins = eq(successes, NOT_BEGUN);
      const patient = lt(successes, PATIENCE);
      const candidate = sub(x, mul(gradient, rate));
      const short = or(isSmall(gradient), and(patient, isSmall(sub(candidate, x))));
      const ends = or(done, and(not(begins), short));
      const next = f(candidate);
      const descends = and(and(patient, not(ends)), lt(next.value, value));
      const otherRate = mul(rate, where(patient, 0.5, fill(2, [], "f64")));
      return {
        carry: {
          x: where(descends, candidate, x),
          value: where(descends, next.value, value),
          gradient: where(descends, next.gradient, gradient),
          rate: where(descends, rate, otherRate),
          successes: where(descends, add(successes, 1), fill(0, [], "i32")),
          done: ends,
          finished: and(finished, or(ends, next.finished)),
        },
      };
    },
    {
      x: start,
      value: fill(Number.POSITIVE_INFINITY, [], "f64"),
      gradient: zeros(start.shape, "f64"),
      rate: fill(FIRST_RATE, [], "f64"),
      successes: fill(NOT_BEGUN, [], "i32"),
      done: constant(false),
      finished: constant(true),
    },
    null,
    { length: rounds },
  );
  return { x: carry.x, finished: and(carry.finished, carry.done) as Flag };
}
