import type { Expr } from "../../src/loop/ir.ts";
import type { FunctionBuilder } from "./function-builder.ts";

type Typed = Pick<Expr, "dtype" | "lanes">;

/** Applies a scalar operation lane by lane to the two vectors on the stack; at once to two scalars. */
export function eachLane(f: FunctionBuilder, { dtype, lanes }: Typed, operate: () => void): void {
  if (lanes === 1) {
    operate();
    return;
  }
  const shape = dtype === "f64" ? "f64x2" : dtype === "f32" ? "f32x4" : "i32x4";
  f.withLocals(["v128", "v128"], (x, y) => {
    f.set(y);
    f.tee(x);
    for (let i = 0; i < lanes; i++) {
      f.get(x);
      f.lane(`${shape}.extract_lane`, i);
      f.get(y);
      f.lane(`${shape}.extract_lane`, i);
      operate();
      f.lane(`${shape}.replace_lane`, i);
    }
  });
}
