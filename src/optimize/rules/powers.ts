import type { Tensor } from "../../graph/tensor.ts";
import { div, mul } from "../../ops/arithmetic.ts";
import { pow, powOp, sqrt } from "../../ops/power.ts";
import { fill, ones } from "../../ops/source.ts";
import { sample } from "../example.ts";
import { p } from "../pattern.ts";
import type { Contract, Family, Rule, Value } from "../rule.ts";

/** pow as a node: the user function may see through small powers itself. */
const power = (exponent: number) => (): Tensor => {
  const x = sample("x");
  return pow(x, fill(exponent, x.shape, x.dtype));
};

const rule = (name: string, equation: string, contract: Contract, n: number, build: (x: Value) => Tensor): Rule => ({
  name,
  equation,
  contract,
  pattern: p(powOp, "x", n),
  build: ({ x }) => build(x) as Value,
  examples: [power(n)],
});

/*
 *   x⁰ = 1      x¹ = x      x² = x·x      x³ = x·x·x      x⁻¹ = 1/x      x^½ = √x
 */
const rules: readonly Rule[] = [
  rule("power-zero", "x⁰ = 1", "exact", 0, x => ones(x.shape, x.dtype)),
  rule("power-one", "x¹ = x", "exact", 1, x => x),
  rule("power-two", "x² = x·x", "reassociates", 2, x => mul(x, x)),
  rule("power-three", "x³ = x·x·x", "reassociates", 3, x => mul(mul(x, x), x)),
  rule("power-minus-one", "x⁻¹ = 1/x", "reassociates", -1, x => div(1, x)),
  rule("power-half", "x^½ = √x", "reassociates", 0.5, x => sqrt(x)),
];

export const POWERS: Family = { name: "powers", phases: ["canonicalise", "simplify"], rules };
