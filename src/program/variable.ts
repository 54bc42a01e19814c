import { checkFunction } from "../graph/arguments.ts";
import { CallSite, ERROR_DEPTH } from "../graph/call-site.ts";
import { Param, paramOp, State, stateOp } from "../graph/leaves.ts";
import { createNode, type OutputFactory } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import { scopedName, sitesOf, withOrigin } from "../graph/provenance.ts";
import { Scalar, Tensor } from "../graph/tensor.ts";
import { foldIn, key } from "../ops/random.ts";
import { describe } from "../shared/describe.ts";
import { isSymbolic } from "../shared/dim.ts";
import type { DType, FloatDType } from "../shared/dtype.ts";
import { GradcError, present } from "../shared/errors.ts";
import { formatType, type Shape, type TensorType, typeEquals } from "../shared/shape.ts";
import { defaultInit, type Initializer } from "./initializer.ts";
import { checkDtype, checkName, checkShape, declarationError, sites } from "./names.ts";

export type DeclaredParam<N extends string, D extends DType, S extends Shape> = Param<N, D> &
  (S["length"] extends 0 ? Scalar<D> : unknown);
export type DeclaredState<N extends string, T extends Tensor> =
  T extends Scalar<infer D> ? State<N, D> & Scalar<D> : T extends Tensor<infer D> ? State<N, D> : never;

/** How the first value of each variable comes about, as a graph of the seed. */
const initials = new WeakMap<Tensor, (seed: Tensor<"u32">) => Tensor>();

const paramLeaf: OutputFactory = (node, index, type) =>
  type.shape.length === 0 ? new Scalar(node, index, type) : new Param(node, index, type);
const stateLeaf: OutputFactory = (node, index, type) =>
  type.shape.length === 0 ? new Scalar(node, index, type) : new State(node, index, type);

/** Variables that the running body of a `model` has declared at earlier calls, by name. */
let shared: Map<string, Tensor> | undefined;

/**
 * A function that declares its variables at its first call and uses the same ones at every later call: what lets
 * training and inference run one architecture with one set of weights.
 *
 * @example
 * const net = model((x: Tensor<"f32">, mode: Mode) => dense(dropout(x, 0.5, mode), 10, { name: "out" }));
 * const train = net(x, training(key)), predict = net(x, inference);
 */
export function model<Args extends readonly unknown[], R>(body: (...args: Args) => R): (...args: Args) => R {
  checkFunction("model", "the body", body);
  const own = new Map<string, Tensor>();
  return (...args) => {
    const outer = shared;
    shared = own;
    try {
      return body(...args);
    } finally {
      shared = outer;
    }
  };
}

/** Makes a variable, or finds the one that an earlier call of the model made. */
function declared(what: string, op: Op, name: string, type: TensorType, make: () => Tensor): Tensor {
  const old = shared?.get(name);
  if (old) {
    if (old.node.op === op && typeEquals(old, type)) return old;
    throw new GradcError("duplicate-name", `${what} had another type at an earlier call of its model`, {
      expected: `${old.node.op.name} ${formatType(old)}`,
      received: `${op.name} ${formatType(type)}`,
      sites: sites(sitesOf(old)[0], CallSite.capture(ERROR_DEPTH)),
      mend: "Let each call of the model declare the same variables.",
    });
  }
  const value = make();
  shared?.set(name, value);
  return value;
}

/** FNV-1a over the UTF-16 units: the random numbers of a variable depend on its name, not on its neighbours. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * A trained variable. Inside `scope("encoder", …)` its name becomes `encoder.<name>`.
 * @param init its first value; glorotUniform() where the shape has two axes or more, otherwise zerosInit()
 * @param dtype f32 (default) or f64
 * @throws GradcError `attribute`, `shape`, `dtype`
 */
export function param<const N extends string, const S extends readonly number[], D extends FloatDType = "f32">(
  name: N,
  shape: S,
  init?: Initializer,
  dtype?: D,
): DeclaredParam<N, NoInfer<D>, S> {
  checkName("param", name);
  const full = scopedName(name);
  const what = `param(${JSON.stringify(full)})`;
  const type: FloatDType = dtype ?? "f32";
  checkDtype(what, type, ["f32", "f64"]);
  checkShape(what, shape, false);
  if (init !== undefined && typeof init !== "function") {
    throw declarationError("attribute", `${what}: not an initializer`, {
      expected: "a function such as glorotUniform() or constantInit(0.5)",
      received: describe(init),
      mend: "Call the initializer's factory: param(name, shape, zerosInit()).",
    });
  }
  const attrs = { name: full, dtype: type, shape: [...shape] };
  const value = declared(what, paramOp, full, { dtype: type, shape }, () => {
    const made = createNode(paramOp, [], attrs, [], paramLeaf).outputs[0];
    initials.set(made, seed =>
      initialOf(what, made, (init ?? defaultInit(shape))(foldIn(key(seed), hashName(full)), shape, type)),
    );
    return made;
  });
  return value as unknown as DeclaredParam<N, NoInfer<D>, S>;
}

function initialOf(what: string, variable: Tensor, initial: unknown): Tensor {
  if (initial instanceof Tensor && typeEquals(initial, variable)) return initial;
  throw declarationError("shape", `${what}: its initializer made a value of another type`, {
    expected: formatType(variable),
    received: initial instanceof Tensor ? formatType(initial) : describe(initial),
    mend:
      typeof initial === "function"
        ? "Call the initializer's factory: param(name, shape, zerosInit())."
        : "Return a tensor of the shape and dtype that the initializer is given.",
  });
}

/**
 * A variable that is saved with the others but not trained: moments, counters, random keys, running statistics.
 * Inside `scope("encoder", …)` its name becomes `encoder.<name>`.
 * @param init its first value; must not depend on inputs or other variables
 * @throws GradcError `attribute`, `shape`
 */
export function state<const N extends string, T extends Tensor>(name: N, init: T): DeclaredState<N, T> {
  checkName("state", name);
  const full = scopedName(name);
  const what = `state(${JSON.stringify(full)})`;
  if (!(init instanceof Tensor)) {
    throw declarationError("program", `${what}: its first value is not a tensor`, {
      expected: "a tensor such as constant([0, 0])",
      received: describe(init),
      mend: "Wrap numbers in constant(…).",
    });
  }
  if (init.shape.some(isSymbolic)) checkShape(what, init.shape, false);
  const attrs = { name: full, dtype: init.dtype, shape: init.shape };
  const value = declared(what, stateOp, full, init.type, () => {
    const made = createNode(stateOp, [], attrs, [], stateLeaf).outputs[0];
    initials.set(made, () => init);
    return made;
  });
  return value as unknown as DeclaredState<N, T>;
}

export const isVariable = (value: Tensor): boolean => value.node.op === paramOp || value.node.op === stateOp;

/** The first value of a variable as a graph of `seed` alone. Its nodes belong to the variable's declaration. */
export function initialValue(variable: Tensor, seed: Tensor<"u32">): Tensor {
  const make = present(initials.get(variable), `${variable} was declared without a first value`);
  return withOrigin({ kind: "expansion", of: variable }, () => make(seed));
}
