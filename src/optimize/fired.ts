import { nameOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { fillValue } from "./constants.ts";
import type { Contract, Phase, Rule } from "./rule.ts";

const DEPTH = 4;

/** A value as a one-line expression: names and numbers where known, `…` where it gets too deep. */
export function formatExpression(value: Tensor, depth = DEPTH): string {
  const name = nameOf(value);
  if (name !== undefined) return name;
  const fill = fillValue(value);
  if (fill !== undefined) return Object.is(fill, -0) ? "-0" : String(fill);
  const { op, operands, outputs } = value.node;
  if (operands.length === 0) return op.name;
  const inner = depth === 0 ? "…" : operands.map(o => formatExpression(o, depth - 1)).join(", ");
  return `${op.name}(${inner})${outputs.length > 1 ? `.${value.index}` : ""}`;
}

/** The same, with the operation of the value itself shown even where it has a name. */
function formatRoot(value: Tensor): string {
  const { op, operands } = value.node;
  if (operands.length === 0 || fillValue(value) !== undefined) return formatExpression(value);
  return `${op.name}(${operands.map(o => formatExpression(o, DEPTH - 1)).join(", ")})`;
}

/** One firing of a rule. Texts are made when they are read. */
export class Fired {
  readonly rule: string;
  readonly equation: string;
  readonly contract: Contract;
  readonly phase: Phase;
  /** The value that was replaced, and the one that stands for it. */
  readonly before: Tensor;
  readonly after: Tensor;

  constructor(rule: Pick<Rule, "name" | "equation" | "contract">, phase: Phase, before: Tensor, after: Tensor) {
    this.rule = rule.name;
    this.equation = rule.equation;
    this.contract = rule.contract;
    this.phase = phase;
    this.before = before;
    this.after = after;
  }

  get beforeText(): string {
    return formatRoot(this.before);
  }

  get afterText(): string {
    return formatRoot(this.after);
  }

  /** `add-zero (exact): add(x, -0) → x` */
  toString(): string {
    return `${this.rule} (${this.contract}): ${this.beforeText} → ${this.afterText}`;
  }
}
