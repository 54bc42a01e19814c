import { argumentError } from "../graph/arguments.ts";
import { CallSite } from "../graph/call-site.ts";
import type { Param, State } from "../graph/leaves.ts";
import { nameOf } from "../graph/provenance.ts";
import { Tensor } from "../graph/tensor.ts";
import { fill } from "../ops/source.ts";
import { describe } from "../shared/describe.ts";
import { formatType, typeEquals } from "../shared/shape.ts";
import { declarationError, fitsDtype } from "./names.ts";
import { isVariable } from "./variable.ts";

/** The value that a variable gets when a function ends. */
export class Update {
  readonly target: Tensor;
  readonly value: Tensor;
  readonly site: CallSite;

  constructor(target: Tensor, value: Tensor, site: CallSite) {
    this.target = target;
    this.value = value;
    this.site = site;
  }

  /** For messages. */
  toString(): string {
    return `set(${JSON.stringify(nameOf(this.target))})`;
  }
}

/**
 * Says that `target` gets `value` when the function ends. All outputs and all values see the old values of variables.
 * @param value of the target's shape and dtype; a number fills the shape
 * @throws GradcError `program` (not a variable), `shape`, `dtype`
 */
export function set(target: Param | State, value: Tensor | number): Update {
  if (!(target instanceof Tensor) || !isVariable(target)) {
    throw declarationError("program", "set: the target is not a parameter or state", {
      expected: "what param(…) or state(…) returned",
      received: describe(target),
      mend: "Declare a variable and set that.",
    });
  }
  const what = `set(${JSON.stringify(nameOf(target))})`;
  if (typeof value === "number" && fitsDtype(value, target.dtype)) {
    return new Update(target, fill(value, target.shape, target.dtype), CallSite.capture());
  }
  if (!(value instanceof Tensor) && typeof value !== "number") {
    throw argumentError(
      "set",
      `the value of ${JSON.stringify(nameOf(target))} is neither a tensor nor a number`,
      `a tensor ${formatType(target)}, or a number`,
      value,
    );
  }
  if (!(value instanceof Tensor) || !typeEquals(value, target)) {
    const dtypes = !(value instanceof Tensor) || value.dtype !== target.dtype;
    throw declarationError(dtypes ? "dtype" : "shape", `${what}: the value has another type than the target`, {
      expected: formatType(target),
      received: value instanceof Tensor ? formatType(value) : describe(value),
    });
  }
  return new Update(target, value, CallSite.capture());
}
