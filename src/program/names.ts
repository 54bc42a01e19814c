import { CallSite, ERROR_DEPTH } from "../graph/call-site.ts";
import { describe } from "../shared/describe.ts";
import type { SymbolicDim } from "../shared/dim.ts";
import { DTYPES, type DType, isFloat, isInt } from "../shared/dtype.ts";
import type { ErrorCode } from "../shared/error-codes.ts";
import { GradcError, type Site } from "../shared/errors.ts";
import type { Shape } from "../shared/shape.ts";

/** What a net has besides its functions, and what would make it a promise. */
const RESERVED = ["target", "variables", "save", "restore", "reset", "close", "then"];

/** Every object has these, so that a record that lacks them seems to have them. */
const inherited = (name: string): boolean => name in Object.prototype;

export const isSymbolicDim = (d: unknown): d is SymbolicDim => typeof d === "object" && d !== null && "terms" in d;

/** A plain object. */
export function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export const sites = (...captured: readonly (CallSite | Site | undefined)[]): Site[] =>
  captured.flatMap(s => {
    const site = s instanceof CallSite ? s.site() : s;
    return site ? [site] : [];
  });

/** An error about a declaration, with the user's line. */
export function declarationError(
  code: ErrorCode,
  problem: string,
  details: { readonly expected?: string; readonly received?: string; readonly mend?: string } = {},
): GradcError {
  return new GradcError(code, problem, { ...details, sites: sites(CallSite.capture(ERROR_DEPTH)) });
}

/** Any text is a name, as long as it can be a key of a record. */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name !== "string" || name === "" || inherited(name)) {
    throw declarationError("attribute", `${what}: not a usable name`, {
      expected: 'any text but "" and what every object has, such as "constructor"',
      received: describe(name),
      mend: typeof name === "string" ? "Choose another name." : "Put the name first.",
    });
  }
}

/** Functions become properties and types, so their names are identifiers. */
export function checkFunctionName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || RESERVED.includes(name) || inherited(name)) {
    throw declarationError("attribute", `program: ${JSON.stringify(name)} cannot be the name of a function`, {
      expected: `letters, digits and _, and none of ${RESERVED.join(", ")}`,
      received: JSON.stringify(name),
      mend: "Choose another name.",
    });
  }
}

export function checkDtype(what: string, dtype: DType, allowed: readonly DType[] = DTYPES): void {
  if (!allowed.includes(dtype)) {
    throw declarationError("dtype", `${what}: not a dtype it can have`, {
      expected: allowed.join(", "),
      received: describe(dtype),
      mend: "Use one of the dtypes above.",
    });
  }
}

/** Shapes of declarations: positive sizes; symbols only where `symbolic`. */
export function checkShape(what: string, shape: Shape, symbolic: boolean): void {
  const fits = (d: unknown): boolean =>
    typeof d === "number" ? Number.isInteger(d) && d >= 1 : symbolic && isSymbolicDim(d);
  if (!Array.isArray(shape) || !shape.every(fits)) {
    throw declarationError("shape", `${what}: not a shape it can have`, {
      expected: symbolic ? "a list of positive integers and dimensions" : "a list of positive integers",
      received: describe(shape),
      mend: symbolic
        ? "Give each axis a size, or dim(name, { max })."
        : "Variables keep one size: use numbers, not symbolic dimensions.",
    });
  }
}

/** Whether a dtype holds this number exactly enough to stand for it. */
export function fitsDtype(value: unknown, dtype: DType): boolean {
  if (typeof value !== "number") return false;
  if (isFloat(dtype)) return true;
  if (!Number.isInteger(value)) return false;
  if (isInt(dtype)) return dtype === "i32" ? value === (value | 0) : value === value >>> 0;
  return value === 0 || value === 1;
}
