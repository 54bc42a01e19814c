import { describe } from "../shared/describe.ts";
import { SymbolicDim } from "../shared/dim.ts";
import { DTYPES, type DType } from "../shared/dtype.ts";
import type { ErrorCode } from "../shared/error-codes.ts";
import { type ErrorDetails, GradcError } from "../shared/errors.ts";
import type { Shape } from "../shared/shape.ts";
import { currentSite } from "./call-site.ts";
import { Tensor } from "./tensor.ts";

/*
 * Types say what functions take, to those who write TypeScript. These checks say it to everyone, in the function's own
 * words and before anything is read of what was given.
 */

/** An error about the user's call, with its place. */
export function callError(code: ErrorCode, problem: string, details: ErrorDetails = {}): GradcError {
  const site = currentSite();
  return new GradcError(code, problem, { ...details, sites: details.sites ?? (site ? [site] : []) });
}

function mendFor(expected: string, received: unknown): string | undefined {
  if (received === undefined) {
    return "Check the names and the number of the arguments, and that what made this one returned it.";
  }
  const numbers = typeof received === "number" || Array.isArray(received) || ArrayBuffer.isView(received);
  return numbers && expected.includes("tensor") ? "Make a tensor of numbers with constant(…)." : undefined;
}

/** An argument of another kind than the function takes. */
export function argumentError(
  who: string,
  what: string,
  expected: string,
  received: unknown,
  mend: string | undefined = mendFor(expected, received),
): GradcError {
  return callError("argument", `${who}: ${what}`, { expected, received: describe(received), mend });
}

/** @throws GradcError `argument` naming the first of the operands that is no tensor */
export function checkTensors(who: string, operands: Readonly<Record<string, unknown>>): void {
  for (const name in operands) {
    if (!(operands[name] instanceof Tensor))
      throw argumentError(who, `${name} is not a tensor`, "a tensor", operands[name]);
  }
}

/** The same for a list of tensors. */
export function checkTensorList(who: string, what: string, list: unknown): void {
  if (!Array.isArray(list)) throw argumentError(who, `${what} is not a list of tensors`, "an array of tensors", list);
  list.forEach((x, i) => {
    if (!(x instanceof Tensor)) throw argumentError(who, `element ${i} of ${what} is not a tensor`, "a tensor", x);
  });
}

/** @throws GradcError `argument` */
export function checkText(who: string, what: string, value: unknown): void {
  if (typeof value !== "string") throw argumentError(who, `${what} is not text`, "text", value);
}

/** @throws GradcError `argument` */
export function checkFunction(who: string, what: string, value: unknown): void {
  if (typeof value !== "function") throw argumentError(who, `${what} is not a function`, "a function", value);
}

const isSize = (d: unknown): boolean =>
  typeof d === "number" ? Number.isInteger(d) && d >= 0 : d instanceof SymbolicDim;

/** @throws GradcError `argument` unless it is a list of sizes */
export function checkSizes(who: string, shape: Shape): void {
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw argumentError(who, "this is not a shape", "a list of whole numbers and dimensions, such as [B, 64]", shape);
  }
}

/** @throws GradcError `dtype` */
export function checkDtype(who: string, dtype: DType): void {
  if (DTYPES.includes(dtype)) return;
  throw callError("dtype", `${who}: there is no such dtype`, {
    expected: DTYPES.join(", "),
    received: describe(dtype),
    mend: "Use one of the dtypes above.",
  });
}

/** @throws GradcError `argument` unless it is a list of whole numbers */
export function checkWholeNumbers(who: string, what: string, list: readonly number[]): void {
  if (!Array.isArray(list) || !list.every(Number.isInteger)) {
    throw argumentError(who, `${what} are not whole numbers`, "an array of whole numbers", list);
  }
}

/**
 * @throws GradcError `argument` unless the options are a record, `attribute` for one that the function does not have
 */
export function checkOptions(who: string, options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options) || options instanceof Tensor) {
    throw argumentError(who, "its options are not a record", `{ ${names.join(", ")} }`, options);
  }
  const strange = Object.keys(options).find(name => !names.includes(name));
  if (strange === undefined) return;
  throw callError("attribute", `${who}: there is no option ${strange}`, {
    expected: names.join(", "),
    received: strange,
    mend: "Check its spelling.",
  });
}
