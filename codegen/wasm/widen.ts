import { select } from "../../src/loop/build.ts";
import type { Expr, Lanes, ScalarFunction } from "../../src/loop/ir.ts";
import { InternalError } from "../../src/shared/errors.ts";

export interface WideBody {
  readonly lets: readonly { readonly name: string; readonly value: Expr }[];
  readonly result: Expr;
}

const cache = new WeakMap<ScalarFunction, Map<Lanes, WideBody>>();

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
