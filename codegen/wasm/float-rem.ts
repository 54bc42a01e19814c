import type { FunctionBuilder } from "./function-builder.ts";

/**
 * Body of (x, y: f64) → x rem y, exactly: long division by repeated halving.
 *   t = |y|·2^k, the greatest with t ≤ |x|;  then, down to t = |y|: r −= t where r ≥ t.
 * Doubling and halving t are exact, and so is every difference, since t ≤ r < 2t (Sterbenz).
 * NaN for y = 0, |x| = ∞ or a NaN; x where |y| = ∞.
 */
export function buildFloatRem(f: FunctionBuilder): void {
  const [x, y] = [0, 1];
  f.withLocals(["f64", "f64"], (t, r) => {
    f.get(x);
    f.emit("f64.abs");
    f.tee(r);
    f.f64(Number.POSITIVE_INFINITY);
    f.emit("f64.lt");
    f.get(y);
    f.emit("f64.abs");
    f.tee(t);
    f.f64(0);
    f.emit("f64.gt", "i32.and");
    f.if("f64");
    f.loop(); // while 2t ≤ r: t = 2t
    f.get(t);
    f.get(t);
    f.emit("f64.add");
    f.get(r);
    f.emit("f64.le");
    f.if();
    f.get(t);
    f.get(t);
    f.emit("f64.add");
    f.set(t);
    f.branch(1);
    f.end();
    f.end();
    f.block();
    f.loop();
    f.get(r);
    f.get(t);
    f.emit("f64.ge");
    f.if();
    f.get(r);
    f.get(t);
    f.emit("f64.sub");
    f.set(r);
    f.end();
    f.get(t);
    f.get(y);
    f.emit("f64.abs", "f64.le");
    f.branchIf(1);
    f.get(t);
    f.f64(0.5);
    f.emit("f64.mul");
    f.set(t);
    f.branch(0);
    f.end();
    f.end();
    f.get(r);
    f.get(x);
    f.emit("f64.copysign");
    f.else();
    f.f64(Number.NaN);
    f.end();
  });
}
