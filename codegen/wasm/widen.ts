import type { Expr, Lanes, ScalarFunction } from "../../src/loop/ir.ts";
import { operandsOf, withOperands } from "../../src/loop/operands.ts";
import { invariant } from "../../src/shared/errors.ts";

export interface WideBody {
  readonly lets: readonly { readonly name: string; readonly value: Expr }[];
  readonly result: Expr;
}

/** Four lanes of f64 are no vector: a definition that needs them has no wide form. */
export function canWiden(fn: ScalarFunction, lanes: Lanes): boolean {
  return lanes < 4 || ![...fn.body.map(s => s.value), fn.result].some(holdsF64);
}

function holdsF64(e: Expr): boolean {
  return e.dtype === "f64" || (e.op === "call" && !canWiden(e.fn, 4)) || operandsOf(e).some(holdsF64);
}

const operations = new WeakMap<ScalarFunction, number>();

/** The size of a definition with all it calls. */
export function operationsOf(fn: ScalarFunction): number {
  const known = operations.get(fn);
  if (known !== undefined) return known;
  const count = (e: Expr): number =>
    operandsOf(e).reduce((n, x) => n + count(x), e.op === "call" ? operationsOf(e.fn) : 1);
  const total = fn.body.reduce((n, s) => n + count(s.value), count(fn.result));
  operations.set(fn, total);
  return total;
}

export type Definition = Pick<ScalarFunction, "body" | "result">;

const cache = new WeakMap<Definition, Map<Lanes, WideBody>>();

/** The definition of a scalar function in several lanes. */
export function widenFunction(definition: Definition, lanes: Lanes): WideBody {
  const known = cache.get(definition) ?? new Map<Lanes, WideBody>();
  cache.set(definition, known);
  const body = known.get(lanes) ?? {
    lets: definition.body.map(({ name, value }) => ({ name, value: widen(value, lanes) })),
    result: widen(definition.result, lanes),
  };
  known.set(lanes, body);
  return body;
}

/** Every scalar of a load-free expression becomes a vector; `guard` becomes `select`. */
function widen(e: Expr, lanes: Lanes): Expr {
  invariant(
    !["load", "element", "splat", "ramp", "shuffle", "lane"].includes(e.op),
    `wasm: ${e.op} in a scalar function`,
  );
  const wide = withOperands(
    { ...e, lanes },
    operandsOf(e).map(x => widen(x, lanes)),
  );
  return wide.op === "guard" ? { ...wide, op: "select" } : wide;
}
