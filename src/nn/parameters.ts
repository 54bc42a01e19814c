import {
  argumentError,
  checkTensorList,
  declarationError,
  type FloatDType,
  nameOf,
  type Param,
  type Tensor,
} from "../api.ts";

/**
 * The parameters that values depend on, by name nearest first: those that layers have declared
 * as well as your own.
 *
 * @example
 * const params = parameters(loss);
 * const updates = adam()(params, grad(loss, params));
 */
export function parameters(...values: readonly Tensor[]): Record<string, Param<string, FloatDType>> {
  return found("parameters", values);
}

function found(who: string, values: readonly Tensor[]): Record<string, Param<string, FloatDType>> {
  if (values.length === 0) throw argumentError(who, "there are no values", `${who}(loss)`, undefined);
  checkTensorList(who, "the values", values);
  const all: Record<string, Param<string, FloatDType>> = {};
  const seen = new Set(values.map(v => v.node));
  // A list that grows while it is walked: graphs may be thousands of nodes deep.
  for (const node of seen) {
    if (node.op.name === "param") {
      const [value] = node.outputs;
      all[String(nameOf(value))] = value as Param<string, FloatDType>;
    }
    for (const operand of node.operands) seen.add(operand.node);
  }
  return all;
}

/** Parameters as their names nest them: `encoder.block.w` is `tree.encoder.block.w`. */
export interface ParameterTree {
  readonly [name: string]: Param<string, FloatDType> | ParameterTree;
}

/**
 * The same as nested records, by the dots of the names: whole parts of a network can be trained, frozen, or given a rate
 * of their own.
 *
 * @example
 * const { encoder, head } = parameterTree(loss);
 * const updates = [...sgd({ learningRate: 1e-3, name: "slow" })(encoder, grad(loss, encoder)),
 *   ...adam()(head, grad(loss, head))];
 * @throws GradcError `duplicate-name` where one name is both a parameter and the beginning of another's
 */
export function parameterTree(...values: readonly Tensor[]): ParameterTree {
  const nest = (entries: readonly (readonly [path: readonly string[], parameter: Param<string, FloatDType>])[]) => {
    const groups = new Map<string, (typeof entries)[number][]>();
    for (const [[first, ...rest], parameter] of entries) {
      groups.set(first, [...(groups.get(first) ?? []), [rest, parameter]]);
    }
    const records = [...groups].map(([name, own]): [string, ParameterTree[string]] => {
      const leaf = own.find(([rest]) => rest.length === 0)?.[1];
      if (leaf && own.length > 1) {
        throw declarationError("duplicate-name", "parameterTree: a parameter and a part of the network have one name", {
          expected: "names that nest",
          received: own.map(([, p]) => String(nameOf(p))).join(", "),
          mend: "Rename the parameter, or use parameters(…), which does not nest.",
        });
      }
      return [name, leaf ?? nest(own)];
    });
    return Object.fromEntries(records) as ParameterTree;
  };
  return nest(Object.entries(found("parameterTree", values)).map(([name, p]) => [name.split("."), p]));
}
