import type { Tensor } from "../graph/tensor.ts";
import { type Optimized, optimize } from "./engine.ts";
import { type Family, isOn, type NumericMode, type Phase, type Rule } from "./rule.ts";
import { ARITHMETIC } from "./rules/arithmetic.ts";
import { BOOLEANS } from "./rules/booleans.ts";
import { CONTRACTIONS } from "./rules/contractions.ts";
import { FOLDING } from "./rules/folding.ts";
import { IDENTITIES } from "./rules/identities.ts";
import { POWERS } from "./rules/powers.ts";
import { REDUCTIONS } from "./rules/reductions.ts";
import { STABLE } from "./rules/stable.ts";
import { VIEWS } from "./rules/views.ts";

/** All rules, family by family, in the order in which they are tried at a node. */
export const FAMILIES: readonly Family[] = [
  FOLDING,
  IDENTITIES,
  BOOLEANS,
  VIEWS,
  POWERS,
  ARITHMETIC,
  REDUCTIONS,
  CONTRACTIONS,
  STABLE,
];

const tables = new Map<string, readonly Rule[]>();

/** The rules of a phase that a mode allows. */
export function rulesOf(phase: Phase, mode: NumericMode): readonly Rule[] {
  const key = `${phase} ${mode}`;
  let rules = tables.get(key);
  if (!rules) {
    rules = FAMILIES.filter(f => f.phases.includes(phase)).flatMap(f =>
      f.rules.filter(r => isOn(r.contract, mode, phase)),
    );
    tables.set(key, rules);
  }
  return rules;
}

const phase =
  (name: Phase) =>
  (roots: readonly Tensor[], mode: NumericMode): Optimized =>
    optimize(roots, { rules: rulesOf(name, mode), phase: name });

/** Brings equal graphs into one form: identities, folding, view chains. Before autodiff, so that derivatives are small. */
export const canonicalise = phase("canonicalise");

/** Replaces formulas that overflow, cancel or divide by zero. Before autodiff, so that derivatives are stable too. */
export const stabilise = phase("stabilise");

/** Makes the graph cheaper: common factors, reductions of repeats, views taken into products. After autodiff. */
export const simplify = phase("simplify");
