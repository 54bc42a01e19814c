import {
  add,
  exp,
  grad,
  indexAt,
  input,
  log,
  mul,
  reshape,
  type Scalar,
  scan,
  sigmoid,
  slice,
  sub,
  sum,
  type Tensor,
  tanh,
} from "gradc";
import { resident } from "./resident.ts";
import type { Module } from "./task.ts";

type Rows = readonly (readonly number[])[];

interface Input {
  readonly main_params: Rows;
  readonly extra_params: Rows;
  readonly state: Rows;
  readonly sequence: Rows;
}

type Vector = Tensor<"f64">;

type Cell = { readonly hidden: Vector; readonly cell: Vector };

/** One layer: all weights are diagonal. `weights` and `biases` [4, b] belong to forget, in, out and change. */
function layer(weights: Vector, biases: Vector, { hidden, cell }: Cell, x: Vector): Cell {
  const affine = (gate: number, at: Vector): Vector => add(mul(at, indexAt(weights, gate)), indexAt(biases, gate));
  const forget = sigmoid(affine(0, x));
  const ingate = sigmoid(affine(1, hidden));
  const outgate = sigmoid(affine(2, x));
  const change = tanh(affine(3, hidden));
  const next = add(mul(cell, forget), mul(ingate, change));
  return { hidden: mul(outgate, tanh(next)), cell: next };
}

/**
 * The mean loss of predicting each element of a sequence from those before it.
 * @param main [2·layers, 4·b], weights and biases of each layer
 * @param extra [3, b], weights of the input and the output, and biases of the output
 * @param state [2·layers, b], first hidden and cell values of each layer
 * @param sequence [c, b]
 */
export function loss(main: Vector, extra: Vector, state: Vector, sequence: Vector): Scalar<"f64"> {
  const [c, b] = sequence.shape as readonly number[];
  const layers = (main.shape[0] as number) / 2;
  const parameters = reshape(main, [layers, 2, 4, b]);
  const init = Array.from({ length: layers }, (_, i) => ({
    hidden: indexAt(state, 2 * i),
    cell: indexAt(state, 2 * i + 1),
  }));
  const { out } = scan(
    (cells: readonly Cell[], { now, next }: { readonly now: Vector; readonly next: Vector }) => {
      let x = mul(now, indexAt(extra, 0));
      const carry = cells.map((cell, i) => {
        const [weights, biases] = [0, 1].map(k => indexAt(indexAt(parameters, i), k));
        const made = layer(weights, biases, cell, x);
        x = made.hidden;
        return made;
      });
      const predicted = add(mul(x, indexAt(extra, 1)), indexAt(extra, 2));
      const norm = log(add(sum(exp(predicted)), 2));
      return { carry, out: sum(mul(next, sub(predicted, norm))) };
    },
    init,
    { now: slice(sequence, [0], [-1]), next: slice(sequence, [1]) },
  );
  return mul(sum(out), -1 / ((c - 1) * b));
}

type Outputs = (value: Scalar<"f64">, main: Vector, extra: Vector) => Readonly<Record<string, Vector>>;

function task(name: string, outputs: Outputs, { main_params, extra_params, state, sequence }: Input) {
  const [l, c, b] = [main_params.length / 2, sequence.length, sequence[0].length];
  const declare = () => {
    const main = input("main", [2 * l, 4 * b], "f64");
    const extra = input("extra", [3, b], "f64");
    const first = input("state", [2 * l, b], "f64");
    const elements = input("sequence", [c, b], "f64");
    const value = loss(main, extra, first, elements);
    return { inputs: [main, extra, first, elements], outputs: outputs(value, main, extra) };
  };
  return resident(`lstm ${name} ${l} ${c} ${b}`, declare, {
    main: main_params.flat(),
    extra: extra_params.flat(),
    state: state.flat(),
    sequence: sequence.flat(),
  });
}

/** A recurrent network with diagonal weights: the loss, and its gradient in the parameters, one after the other. */
export const lstm: Module = {
  objective: (given: Input) => {
    const { run, outputs } = task("objective", value => ({ value }), given);
    return { run: () => run(), output: () => outputs.value[0] };
  },
  jacobian: (given: Input) => {
    const { run, outputs } = task("jacobian", (value, main, extra) => grad(value, { main, extra }), given);
    return { run: () => run(), output: () => [...Array.from(outputs.main), ...Array.from(outputs.extra)] };
  },
};
