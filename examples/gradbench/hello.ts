import { grad, input, mul, type Scalar } from "gradc";
import { resident } from "./resident.ts";
import type { Module, Task } from "./task.ts";

const square = (x: Scalar<"f64">): Scalar<"f64"> => mul(x, x);
const double = (x: Scalar<"f64">): Scalar<"f64"> => grad(square(x), x);

function task(name: string, f: (x: Scalar<"f64">) => Scalar<"f64">, at: number): Task {
  const declare = () => {
    const x = input("x", [], "f64");
    return { inputs: [x], outputs: { y: f(x) } };
  };
  const { run, outputs } = resident(`hello ${name}`, declare, { x: at });
  return { run: () => run(), output: () => outputs.y[0] };
}

/** The square of a number, and its derivative. */
export const hello: Module = {
  square: (x: number) => task("square", square, x),
  double: (x: number) => task("double", double, x),
};
