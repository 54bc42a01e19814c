import {
  add,
  constant,
  div,
  gt,
  indexAt,
  input,
  le,
  mul,
  neg,
  reciprocal,
  type Scalar,
  scan,
  sqrt,
  stack,
  sub,
  sum,
  where,
} from "gradc";
import { argmin, type Flag, gradientBy, type Mode, type Vector } from "./descent.ts";
import { enoughRounds } from "./rounds.ts";
import type { Module, Task } from "./task.ts";

interface Input {
  readonly w: number;
}

/** The time step of Euler's method. */
const STEP = 0.1;
/** Steps of the path for each round of the descent: a path takes some hundreds. */
const STEPS_PER_ROUND = 4;

const vector = (...values: number[]): Vector => constant(values, [values.length], "f64");
const height = (x: Vector): Scalar<"f64"> => indexAt(x, 1) as Scalar<"f64">;

/** The potential at x of two charges, the second one w below (10, 10). */
function potential(x: Vector, w: Scalar<"f64">): Scalar<"f64"> {
  const moved = stack([constant(10, [], "f64"), sub(10, w)]);
  const distances = [vector(10, 0), moved].map(charge => {
    const off = sub(x, charge);
    return sqrt(sum(mul(off, off)));
  });
  return add(reciprocal(distances[0]), reciprocal(distances[1]));
}

/** Where a particle in the field of the charges meets the horizontal axis: its distance from the origin, squared. */
function miss(mode: Mode, w: Scalar<"f64">, steps: number): { value: Scalar<"f64">; finished: Flag } {
  const { carry } = scan(
    ({ x, velocity }) => {
      const acceleration = neg(gradientBy(mode, potential(x, w), x));
      const next = add(x, mul(velocity, STEP));
      const flies = gt(height(next), 0);
      return {
        carry: {
          x: where(flies, next, x),
          velocity: where(flies, add(velocity, mul(acceleration, STEP)), velocity),
        },
      };
    },
    { x: vector(0, 8), velocity: vector(0.75, 0) },
    null,
    { length: steps },
  );
  const { x, velocity } = carry;
  const rest = neg(div(height(x), height(velocity)));
  const place = indexAt(add(x, mul(velocity, rest)), 0) as Scalar<"f64">;
  return { value: mul(place, place), finished: le(height(add(x, mul(velocity, STEP))), 0) as Flag };
}

function task(outer: Mode, inner: Mode, { w }: Input): Task {
  const declare = (rounds: number) => {
    const start = input("w", [1], "f64");
    const { x, finished } = argmin(
      at => {
        const made = miss(inner, indexAt(at, 0) as Scalar<"f64">, STEPS_PER_ROUND * rounds);
        return { ...made, gradient: gradientBy(outer, made.value, at) };
      },
      start,
      rounds,
    );
    return { inputs: [start], outputs: { w: x, finished } };
  };
  const { run, outputs } = enoughRounds(`particle ${outer} ${inner}`, declare, { w });
  return { run: () => run(), output: () => outputs.w[0] };
}

/** The control of a charged particle's path by descent; the letters are the modes of the descent and the field. */
export const particle: Module = {
  ff: (given: Input) => task("forward", "forward", given),
  fr: (given: Input) => task("forward", "reverse", given),
  rf: (given: Input) => task("reverse", "forward", given),
  rr: (given: Input) => task("reverse", "reverse", given),
};
