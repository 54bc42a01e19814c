import { type Dims, evaluate, formatEntry, lengthOf } from "./entry.ts";
import type { Fail } from "./errors.ts";
import type { Entry, FunctionEntry, InputEntry } from "./manifest.ts";

/** What a caller hands in: an array per input, or a number for a scalar. */
export type Values = ArrayLike<number> | number | boolean;
export type Arguments = Readonly<Record<string, Values | undefined>>;

/** One function at the door, and the dims of its current call. */
export interface Door {
  readonly entry: FunctionEntry;
  readonly dims: Dims;
  /** Of inputs and dims: what a call may name. */
  readonly names: readonly string[];
}

const lengthOfValues = (values: Values): number => (typeof values === "object" ? values.length : 1);

/** Checks everything about a call before anything is written, and leaves the dims' values in `door.dims`. */
export function check(door: Door, args: Arguments, fail: Fail): void {
  const { entry, dims } = door;
  const { steps } = entry;
  checkNames(door, args, fail);
  for (let i = 0; i < entry.inputs.length; i++) {
    const input = entry.inputs[i];
    const values = own(args, input.name);
    if (values !== undefined) checkType(entry.name, input, values, fail);
    else if (input.default === undefined)
      throw fail("missing-input", at(entry.name, input, "is missing"), formatEntry(input));
  }
  for (let i = 0; i < steps.length; i++) findDim(door, steps[i][0], steps[i][1], args, fail);
  for (let i = 0; i < entry.inputs.length; i++) {
    const input = entry.inputs[i];
    const values = own(args, input.name);
    if (values === undefined) continue;
    checkLength(entry.name, input, dims, lengthOfValues(values), fail);
    checkRange(entry.name, input, dims, values, lengthOf(input, dims), fail);
  }
}

/** What the caller gives under a name: no object's `constructor`. */
export const own = <T>(given: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(given, name) ? given[name] : undefined;

const at = (owner: string, entry: Entry, problem: string): string => `${owner}: ${entry.name} ${problem}`;

/** An array of numbers, or a number where the shape is []. */
export function checkType(owner: string, entry: Entry, values: unknown, fail: Fail): void {
  const kind = typeof values;
  if ((kind === "number" || kind === "boolean") && entry.shape.length === 0) return;
  const array = values as ArrayLike<unknown>;
  let bad = kind !== "object" || values === null || typeof array.length !== "number" || typeof array[0] === "bigint";
  let received: string = values === null ? "null" : kind;
  if (!bad && !ArrayBuffer.isView(array)) {
    for (let i = 0; i < array.length && !bad; i++) {
      bad = typeof array[i] !== "number" && typeof array[i] !== "boolean";
      if (bad) received = `${typeof array[i]} at ${i}`;
    }
  }
  if (!bad) return;
  throw fail("input-type", at(owner, entry, "is not made of numbers"), formatEntry(entry), received);
}

/** What a call names is an input or a size. */
export function checkNames({ entry, names }: Door, given: object | undefined, fail: Fail): void {
  for (const name in given) {
    if (!names.includes(name)) throw fail("unknown-name", `${entry.name} has no input ${name}`, names.join(", "), name);
  }
}

/**
 * A size that the caller tells, or else the one that an input's length tells. Sizes grow with their dims, so that the
 * value is found by bisection. Whether it fits is seen with the lengths.
 */
function findDim(door: Door, dim: number, input: number, args: Arguments, fail: Fail): void {
  const { entry, dims } = door;
  const source = entry.inputs[input];
  const told = own(args, dims.names[dim]);
  const given = source && own(args, source.name);
  if (told !== undefined) setDim(door, dim, told, fail);
  else {
    let high = dims.max[dim];
    let low = given === undefined ? high : 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      dims.values[dim] = middle;
      if (lengthOf(source, dims) < lengthOfValues(given as Values)) low = middle + 1;
      else high = middle;
    }
    dims.values[dim] = low;
  }
}

export function setDim(door: Door, dim: number, value: unknown, fail: Fail): void {
  const { name, max } = door.entry.dims[dim];
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > max) {
    throw fail("dimension", `${door.entry.name}: ${name} is out of range`, `1 ≤ ${name} ≤ ${max}`, `${value}`);
  }
  door.dims.values[dim] = value as number;
}

export function checkLength(owner: string, entry: Entry, dims: Dims, received: number, fail: Fail): void {
  const expected = lengthOf(entry, dims);
  if (received === expected) return;
  const at = dims.names.map((name, i) => `, ${name} = ${dims.values[i]} ≤ ${dims.max[i]}`);
  throw fail(
    "input-length",
    `${owner}: ${entry.name} has the wrong length`,
    `${formatEntry(entry)}: ${expected}${at.join("")}`,
    `${received}`,
  );
}

/** Integers must be integers in the range of their dtype, and indices must point inside. */
export function checkRange(
  owner: string,
  input: InputEntry,
  dims: Dims,
  values: Values,
  length: number,
  fail: Fail,
): void {
  const { dtype, below } = input;
  if (dtype === "f32" || dtype === "f64") return;
  const low = dtype === "i32" && below === undefined ? -2147483648 : 0;
  const high = below !== undefined ? evaluate(below, dims) : dtype === "bool" ? 2 : low + 4294967296;
  for (let i = 0; i < length; i++) {
    const value = +(typeof values === "object" ? values[i] : values);
    if (value >= low && value < high && value % 1 === 0) continue;
    throw fail(
      "input-range",
      at(owner, input, `is out of range at ${i}`),
      `an integer, ${low} ≤ ${input.name} < ${high}`,
      `${value}`,
    );
  }
}
