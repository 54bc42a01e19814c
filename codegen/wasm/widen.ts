import { select } from "../../src/loop/build.ts";
import type { Expr, Lanes, ScalarFunction } from "../../src/loop/ir.ts";
import { InternalError } from "../../src/shared/errors.ts";

export interface WideBody {
  readonly lets: readonly { readonly name: string; readonly value: Expr }[];
  readonly result: Expr;
}

const cache = new WeakMap<ScalarFunction, Map<Lanes, WideBody>>();

/** Four lanes of f64 are no vector: a definition that needs them has no wide form. */
export function canWiden(fn: ScalarFunction, lanes: Lanes): boolean {
  if (lanes < 4) return true;
  const values = [...fn.body.map(s => s.value), fn.result];
  return !values.some(holdsF64);
}

function holdsF64(e: Expr): boolean {
  if (e.dtype === "f64") return true;
  if (e.op === "call") return !canWiden(e.fn, 4) || e.args.some(holdsF64);
  return operandsOf(e).some(holdsF64);
}

function operandsOf(e: Expr): readonly Expr[] {
  switch (e.op) {
    case "unary":
    case "cast":
    case "bitcast":
      return [e.x];
    case "binary":
    case "compare":
      return [e.x, e.y];
    case "select":
    case "guard":
      return [e.condition, e.then, e.otherwise];
    case "fma":
      return [e.x, e.y, e.z];
    default:
      return [];
  }
}

/** The definition of a scalar function in several lanes. */
export function widenFunction(fn: ScalarFunction, lanes: Lanes): WideBody {
  const known = cache.get(fn) ?? new Map<Lanes, WideBody>();
  cache.set(fn, known);
  const body = known.get(lanes) ?? {
    lets: fn.body.map(({ name, value }) => ({ name, value: widen(value, lanes) })),
    result: widen(fn.result, lanes),
  };
  known.set(lanes, body);
  return body;
}

/** Every scalar of a load-free expression becomes a vector; `guard` becomes `select`. */
function widen(e: Expr, lanes: Lanes): Expr {
  switch (e.op) {
    case "const":
    case "var":
      return { ...e, lanes };
    case "unary":
    case "cast":
    case "bitcast":
      return { ...e, lanes, x: widen(e.x, lanes) };
    case "binary":
    case "compare":
      return { ...e, lanes, x: widen(e.x, lanes), y: widen(e.y, lanes) };
    case "select":
    case "guard":
      return select(widen(e.condition, lanes), widen(e.then, lanes), widen(e.otherwise, lanes));
    case "fma":
      return { ...e, lanes, x: widen(e.x, lanes), y: widen(e.y, lanes), z: widen(e.z, lanes) };
    case "call":
      return { ...e, lanes, args: e.args.map(x => widen(x, lanes)) };
    default:
      throw new InternalError(`wasm: ${e.op} in a scalar function`);
  }
}
