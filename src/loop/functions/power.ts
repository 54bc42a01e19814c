import { mul } from "../build.ts";
import { define } from "./define.ts";

export const pow = define({
  name: "pow",
  params: ["x", "y"],
  ulp: { f32: 4, f64: 4 },
  host: "pow",
  build: (_scope, x, y) => mul(x, y),
});
