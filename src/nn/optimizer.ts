import {
  add,
  argumentError,
  cast,
  checkFunction,
  checkOptions,
  checkText,
  declarationError,
  type FloatDType,
  fill,
  formatType,
  leavesOf,
  nameOf,
  oneCall,
  type Param,
  type Scalar,
  type State,
  set,
  state,
  Tensor,
  type Tree,
  typeEquals,
  type Update,
} from "../api.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Turns gradients into updates. `grads` is the tree of `params`, as grad(loss, params) returns it. One optimizer keeps
 * one state per parameter, however many functions use it; a second optimizer needs a name of its own.
 */
export type Optimizer = (params: Tree<Param>, grads: Tree<Tensor>) => Update[];

/** A number, a scalar of the graph (such as an input with a default), or a schedule. */
export type LearningRate = number | Scalar | Schedule;

export interface OptimizerOptions {
  readonly learningRate: LearningRate;
  /** The first part of the names of its state. */
  readonly name?: string;
}

/** What an optimizer's rule sees of one parameter. */
export interface Slot {
  /** The parameter's name, `encoder.w`. */
  readonly name: string;
  readonly parameter: Tensor<FloatDType>;
  readonly gradient: Tensor<FloatDType>;
  /** In the parameter's dtype, of shape []. */
  readonly rate: Tensor<FloatDType> | number;
  /** The number of this update: 1, 2, …; i32 []. Asking for it makes the optimizer count. */
  step(): Scalar<"i32">;
  /** The state `<optimizer>.<parameter>.<what>`: zeros of the parameter's type at first. */
  state(what: string): State<string, FloatDType>;
}

/** Builds an optimizer from what it does to one parameter. */
export function optimizer(options: Required<OptimizerOptions>, rule: (slot: Slot) => readonly Update[]): Optimizer {
  checkOptions("optimizer", options, ["name", "learningRate"]);
  checkText("optimizer", "its name", options.name);
  checkFunction("optimizer", "the rule", rule);
  const { name, learningRate } = options;
  const states = new Map<string, State>();
  const stateOnce = (key: string, init: () => Tensor): State => {
    const old = states.get(key);
    if (old) return old;
    const made = state(key, init()) as State;
    states.set(key, made);
    return made;
  };
  /** Lists of parameters that are updated together: each list has a counter of its own. */
  const groups: (readonly Tensor[])[] = [];
  const counterName = (parameters: readonly Tensor[]): string => {
    let group = groups.findIndex(g => g.length === parameters.length && g.every((p, i) => p === parameters[i]));
    if (group < 0) group = groups.push(parameters) - 1;
    return group === 0 ? `${name}.step` : `${name}.step${group + 1}`;
  };
  const update: Optimizer = (params, grads) => {
    const [parameters, gradients] = paired(name, params, grads);
    const updates: Update[] = [];
    let counter: State | undefined;
    let counted: Scalar<"i32"> | undefined;
    const done = (): Scalar<"i32"> => {
      if (!counter) {
        counter = stateOnce(counterName(parameters), () => fill(0, [], "i32"));
        counted = add(counter as unknown as Scalar<"i32">, 1);
        updates.push(set(counter, counted));
      }
      return counter as unknown as Scalar<"i32">;
    };
    checkRate(name, learningRate);
    const rate = typeof learningRate === "function" ? learningRate(done()) : learningRate;
    const slots = parameters.map(
      (parameter, i): Slot => ({
        name: String(nameOf(parameter)),
        parameter,
        gradient: gradients[i],
        rate:
          typeof rate === "number" || rate.dtype === parameter.dtype
            ? (rate as Slot["rate"])
            : cast(rate, parameter.dtype),
        step: () => add(done(), 1),
        state: what =>
          stateOnce(`${name}.${nameOf(parameter)}.${what}`, () => fill(0, parameter.shape, parameter.dtype)) as State<
            string,
            FloatDType
          >,
      }),
    );
    return [...slots.flatMap(slot => rule(slot)), ...updates];
  };
  return (params, grads) => oneCall(() => update(params, grads));
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

function checkRate(name: string, rate: unknown): void {
  if (typeof rate === "number" || typeof rate === "function" || (isTensor(rate) && rate.rank === 0)) return;
  const expected = "learningRate: a number, a scalar of the graph, or a schedule";
  throw argumentError(name, "the learning rate is none", expected, rate, "Pass { learningRate: 0.01 }, for example.");
}

/** The tensors of a tree, or the user's mistake where it is none. */
const tensorsOf = (name: string, what: string, tree: unknown): Tensor[] =>
  leavesOf(tree, isTensor, (value, path) => {
    const which = path === "" ? `its ${what} are no tensors` : `${path} in its ${what} is no tensor`;
    const expected = "a tensor, or tensors in records and arrays";
    throw argumentError(name, which, expected, value, "Call optimizer(params, grad(loss, params)).");
  });

function paired(name: string, params: unknown, grads: unknown): [Tensor<FloatDType>[], Tensor<FloatDType>[]] {
  const parameters = tensorsOf(name, "parameters", params);
  const gradients = tensorsOf(name, "gradients", grads);
  if (parameters.length !== gradients.length) {
    throw declarationError("shape", `${name}: not as many gradients as parameters`, {
      expected: `${parameters.length} gradients`,
      received: String(gradients.length),
    });
  }
  parameters.forEach((p, i) => {
    if (!typeEquals(p, gradients[i])) {
      throw declarationError("shape", `${name}: the gradient of ${JSON.stringify(nameOf(p))} has another type`, {
        expected: formatType(p),
        received: formatType(gradients[i]),
        mend: "Pass the gradients in the order of the parameters: optimizer(params, grad(loss, params)).",
      });
    }
  });
  return [parameters as Tensor<FloatDType>[], gradients as Tensor<FloatDType>[]];
}
