import { argumentError, checkTensorList, type FloatDType, nameOf, type Param, type Tensor } from "../api.ts";

/**
 * The parameters that values depend on, by name nearest first: those that layers have declared
 * as well as your own.
 *
 * @example
 * const params = parameters(loss);
 * const updates = adam()(params, grad(loss, params));
 */
export function parameters(...values: readonly Tensor[]): Record<string, Param<string, FloatDType>> {
  if (values.length === 0) throw argumentError("parameters", "there are no values", "parameters(loss)", undefined);
  checkTensorList("parameters", "the values", values);
  const found: Record<string, Param<string, FloatDType>> = {};
  const seen = new Set(values.map(v => v.node));
  // A list that grows while it is walked: graphs may be thousands of nodes deep.
  for (const node of seen) {
    if (node.op.name === "param") {
      const [value] = node.outputs;
      found[String(nameOf(value))] = value as Param<string, FloatDType>;
    }
    for (const operand of node.operands) seen.add(operand.node);
  }
  return found;
}
