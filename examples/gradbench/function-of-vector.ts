import { grad, input, type Scalar, type Tensor } from "gradc";
import { resident } from "./resident.ts";
import type { Task } from "./task.ts";

type Vector = Tensor<"f64">;

/** A function that reads one vector `x`: its value (a number or a vector). */
export function valueTask(key: string, x: readonly number[], f: (x: Vector) => Vector): Task {
  const declare = () => {
    const at = input("x", [x.length], "f64");
    return { inputs: [at], outputs: { value: f(at) } };
  };
  const { run, outputs } = resident(`${key} ${x.length}`, declare, { x });
  const scalar = outputs.value.length === 1;
  return { run: () => run(), output: () => (scalar ? outputs.value[0] : Array.from(outputs.value)) };
}

/** The gradient of a number that depends on one vector `x`. */
export function gradientTask(key: string, x: readonly number[], f: (x: Vector) => Scalar<"f64">): Task {
  const task = valueTask(key, x, at => grad(f(at), at));
  return { ...task, output: () => [task.output()].flat() as number[] };
}
