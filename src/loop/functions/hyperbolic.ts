import { add, div, eq, mul, select } from "../build.ts";
import { define } from "./define.ts";
import { clamp, expm1Of } from "./exponential.ts";

/** tanh x = e / (e + 2), e = e²ˣ − 1 */
export const tanh = define({
  name: "tanh",
  host: "tanh",
  ulp: { f32: 3, f64: 4 },
  build(scope, x) {
    // At the bounds the result has long been ±1.
    const bound = scope.pick({ f32: 9.5, f64: 20 });
    const e = scope.let(expm1Of(scope, mul(clamp(scope, x, -bound, bound), scope.num(2))));
    return select(eq(x, scope.num(0)), x, div(e, add(e, scope.num(2))));
  },
});
