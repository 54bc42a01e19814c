import type { TypedArray } from "../shared/dtype.ts";
import {
  type Arguments,
  check,
  checkLength,
  checkNames,
  checkRange,
  checkType,
  type Door,
  own,
  setDim,
} from "./door.ts";
import { type Dims, lengthOf, viewOf } from "./entry.ts";
import { type Fail, fail as plainFail } from "./errors.ts";
import type { Entry, FunctionEntry, Manifest, VariableEntry } from "./manifest.ts";
import { type Restored, type RestoreOptions, read, write } from "./safetensors.ts";

/** Compiled code with its memory. */
export interface Executable {
  readonly memory: ArrayBufferLike;
  readonly functions: Readonly<Record<string, (...dims: number[]) => void>>;
  /** Ends what runs besides the caller. */
  close?(): void;
}

export interface NetOptions {
  /** Of the initial values of variables; default 0. */
  readonly seed?: number;
  /** A safetensors file to start from. */
  readonly weights?: Uint8Array;
  readonly fail?: Fail;
}

export interface NetFunction {
  (args?: Arguments): Record<string, number | TypedArray>;
  run(sizes?: Readonly<Record<string, number>>): void;
  readonly inputs: Record<string, TypedArray>;
  readonly outputs: Record<string, TypedArray>;
}

/** What a variable can be copied into: a typed array of its length. */
interface Target extends ArrayLike<number> {
  set(values: ArrayLike<number>): void;
}

export interface NetVariable {
  get(): TypedArray;
  get<T extends Target>(into: T): T;
  set(values: ArrayLike<number> | number): void;
}

/** The face of an instance that does not depend on its program; functions stand beside it by name. */
export interface NetBase {
  readonly variables: Record<string, NetVariable>;
  save(options?: { readonly only?: "params" }): Uint8Array<ArrayBuffer>;
  restore(bytes: Uint8Array, options?: RestoreOptions): Restored;
  reset(seed?: number): void;
  close(): void;
  [Symbol.dispose](): void;
}

/** Puts the checked, named face of a net on compiled code. */
export function createNet(manifest: Manifest, executable: Executable, options: NetOptions = {}): NetBase {
  const { memory, functions } = executable;
  const { seed = 0, weights, fail = plainFail } = options;
  let closed = false;
  const open = (): void => {
    if (closed) throw fail("closed", `${manifest.name} is closed`);
  };
  const close = (): void => {
    closed = true;
    executable.close?.();
  };
  const variables: Record<string, NetVariable> = {};
  for (const v of manifest.variables) variables[v.name] = createVariable(v, memory, open, fail);
  const net: NetBase = {
    variables,
    save({ only } = {}) {
      open();
      return write(
        memory,
        manifest.variables.filter(v => only !== "params" || v.role === "param"),
      );
    },
    restore(bytes, restoreOptions = {}) {
      open();
      return read(bytes, memory, manifest.variables, restoreOptions, fail);
    },
    reset(from = seed) {
      open();
      if (manifest.seed === undefined) throw fail("unsupported", `${manifest.name} holds no initialisers`);
      new Uint32Array(memory, manifest.seed, 1)[0] = from;
      functions.reset();
    },
    close,
    [Symbol.dispose]: close,
  };
  const callables = manifest.functions.map(f => [f.name, createFunction(f, memory, functions[f.name], open, fail)]);
  if (manifest.seed !== undefined) net.reset();
  if (weights) net.restore(weights);
  return Object.assign(net, Object.fromEntries(callables));
}

function createFunction(
  entry: FunctionEntry,
  memory: ArrayBufferLike,
  run: (...dims: number[]) => void,
  open: () => void,
  fail: Fail,
): NetFunction {
  const max = entry.dims.map(d => d.max);
  const values = [...max];
  const names = entry.dims.map(d => d.name);
  const door: Door = { entry, dims: { names, values, max }, names: [...entry.inputs.map(i => i.name), ...names] };
  // Views span what the largest dims need.
  const view = (e: Entry): TypedArray => viewOf(memory, e, lengthOf(e, door.dims));
  const inputs = entry.inputs.map(view);
  const outputs = entry.outputs.map(view);
  entry.inputs.forEach((input, i) => {
    if (input.default !== undefined) inputs[i][0] = input.default;
  });
  const none: Arguments = {};
  // The loops allocate nothing: a call costs its result.
  const call = (given?: Arguments | null): Record<string, number | TypedArray> => {
    const args = given ?? none;
    open();
    check(door, args, fail);
    for (let i = 0; i < inputs.length; i++) {
      const given = own(args, entry.inputs[i].name);
      if (typeof given === "object") inputs[i].set(given);
      else inputs[i][0] = given === undefined ? (entry.inputs[i].default as number) : +given;
    }
    run.apply(null, values);
    const result: Record<string, number | TypedArray> = {};
    for (let i = 0; i < outputs.length; i++) {
      const output = entry.outputs[i];
      result[output.name] = output.shape.length ? outputs[i].slice(0, lengthOf(output, door.dims)) : outputs[i][0];
    }
    return result;
  };
  return Object.assign(call, {
    run(sizes?: Readonly<Record<string, number>>) {
      open();
      checkNames(door, sizes, fail);
      for (let i = 0; i < values.length; i++) {
        setDim(door, i, (sizes && own(sizes, entry.dims[i].name)) ?? entry.dims[i].max, fail);
      }
      for (let i = 0; i < inputs.length; i++) {
        checkRange(entry.name, entry.inputs[i], door.dims, inputs[i], lengthOf(entry.inputs[i], door.dims), fail);
      }
      run.apply(null, values);
    },
    inputs: byName(entry.inputs, inputs),
    outputs: byName(entry.outputs, outputs),
  });
}

const byName = (entries: readonly Entry[], views: readonly TypedArray[]): Record<string, TypedArray> =>
  Object.fromEntries(entries.map((e, i) => [e.name, views[i]]));

const NO_DIMS: Dims = { names: [], values: [], max: [] };

function createVariable(v: VariableEntry, memory: ArrayBufferLike, open: () => void, fail: Fail): NetVariable {
  const view = viewOf(memory, v, lengthOf(v, NO_DIMS));
  const length = (received: number): void => checkLength("variables", v, NO_DIMS, received, fail);
  return {
    get<T extends Target>(into?: T) {
      open();
      if (!into) return view.slice() as TypedArray & T;
      length(into.length);
      into.set(view);
      return into;
    },
    set(given) {
      open();
      checkType("variables", v, given, fail);
      const values = typeof given === "object" ? given : [+given];
      length(values.length);
      checkRange("variables", v, NO_DIMS, values, values.length, fail);
      view.set(values);
    },
  };
}
