import { add, div, eq, select } from "../build.ts";
import { define } from "./define.ts";
import { clamp, halfExpm1Of } from "./exponential.ts";

/** tanh x = h / (h + 1), h = ½(e²ˣ − 1) */
export const tanh = define({
  name: "tanh",
  host: "tanh",
  ulp: { f32: 3, f64: 4 },
  build(scope, x) {
    // At the bounds the result has long been ±1.
    const bound = scope.pick({ f32: 9.5, f64: 20 });
    const within = clamp(scope, x, -bound, bound);
    const h = scope.let(halfExpm1Of(scope, scope.let(add(within, within))));
    return select(eq(x, scope.num(0)), x, div(h, add(h, scope.num(1))));
  },
});
