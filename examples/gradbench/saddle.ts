import { and, concat, constant, input, mul, neg, type Scalar, sub, sum } from "gradc";
import { argmin, type Flag, gradientBy, type Mode, type Vector } from "./descent.ts";
import { enoughRounds } from "./rounds.ts";
import type { Module, Task } from "./task.ts";

interface Input {
  readonly start: readonly number[];
}

/** (x₁² + x₂²) − (y₁² + y₂²). */
const objective = (x: Vector, y: Vector): Scalar<"f64"> => sub(sum(mul(x, x)), sum(mul(y, y)));

const certain: Flag = constant(true);

/** The y that maximises the objective at x. */
function argmax(mode: Mode, x: Vector, start: Vector, rounds: number): { x: Vector; finished: Flag } {
  return argmin(
    y => {
      const value = objective(x, y);
      return { value: neg(value), gradient: neg(gradientBy(mode, value, y)), finished: certain };
    },
    start,
    rounds,
  );
}

/** The saddle point (x, y): x minimises the maximum over y, through which its gradient is taken. */
function saddlePoint(outer: Mode, inner: Mode, start: Vector, rounds: number) {
  const found = argmin(
    x => {
      const best = argmax(inner, x, start, rounds);
      const value = objective(x, best.x);
      return { value, gradient: gradientBy(outer, value, x), finished: best.finished };
    },
    start,
    rounds,
  );
  const best = argmax(outer, found.x, start, rounds);
  return { point: concat([found.x, best.x]), finished: and(found.finished, best.finished) };
}

function task(outer: Mode, inner: Mode, { start }: Input): Task {
  const declare = (rounds: number) => {
    const s = input("start", [start.length], "f64");
    return { inputs: [s], outputs: saddlePoint(outer, inner, s, rounds) };
  };
  const { run, outputs } = enoughRounds(`saddle ${outer} ${inner} ${start.length}`, declare, { start });
  return { run: () => run(), output: () => Array.from(outputs.point) };
}

/** A saddle point by nested descent; the letters are the modes of the minimum's and the maximum's gradients. */
export const saddle: Module = {
  ff: (given: Input) => task("forward", "forward", given),
  fr: (given: Input) => task("forward", "reverse", given),
  rf: (given: Input) => task("reverse", "forward", given),
  rr: (given: Input) => task("reverse", "reverse", given),
};
