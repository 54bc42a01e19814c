export { costOf, graphCost } from "./cost.ts";
export { type Optimized, optimize } from "./engine.ts";
export { expandComposites } from "./expand-composites.ts";
export { Fired, formatExpression } from "./fired.ts";
export { canonicalise, FAMILIES, rulesOf, simplify, stabilise } from "./phases.ts";
export type { Contract, Family, NumericMode, Phase, Rule } from "./rule.ts";
