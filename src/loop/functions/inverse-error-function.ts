import { mul } from "../build.ts";
import { define } from "./define.ts";

export const erfinv = define({
  name: "erfinv",
  ulp: { f32: 4, f64: 1000 },
  build: (scope, x) => mul(x, scope.num(Math.sqrt(Math.PI) / 2)),
});
