import type { Region } from "../graph/node.ts";
import type { NdArray } from "../graph/op.ts";
import { DTYPES } from "../shared/dtype.ts";
import { GradcError, invariant } from "../shared/errors.ts";
import { formatType, type TensorType, typeEquals } from "../shared/shape.ts";
import { condDerivative } from "./cond-derivative.ts";
import type { LowerableOp } from "./form.ts";

/**
 * A choice between two bodies, of which one runs. Operands: a condition, bool [], then captures. Both regions have the
 * captures as parameters and results of the same types, which are the outputs.
 */
export interface CondDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
}

function inferTypes(name: string, operands: readonly TensorType[], regions: readonly Region[]): TensorType[] {
  const [condition, ...captures] = operands;
  invariant(regions.length === 2 && condition !== undefined, `${name}: not a condition and two regions`);
  if (condition.dtype !== "bool" || condition.shape.length > 0) {
    throw new GradcError("dtype", `${name}: the condition is no single truth value`, {
      expected: "bool []",
      received: formatType(condition),
      mend: "Compare numbers, and fold a tensor of truth values with all(x) or any(x).",
    });
  }
  const [then, otherwise] = regions;
  for (const { parameters, results } of regions) {
    const fits = parameters.length === captures.length && captures.every((c, k) => typeEquals(c, parameters[k]));
    invariant(fits, `${name}: the captures do not fit a region`);
    const same = results.length === then.results.length && results.every((r, k) => typeEquals(r, then.results[k]));
    invariant(same, `${name}: the regions have results of different types`);
  }
  return otherwise.results.map(({ dtype, shape }) => ({ dtype, shape }));
}

/** Declares the choice. */
export function condKind(d: CondDeclaration): LowerableOp {
  return {
    name: d.name,
    kind: "region",
    operands: d.operands,
    dtypes: DTYPES,
    nominal: false,
    commutative: false,
    derivative: condDerivative,
    inferTypes: (operands, _attrs, regions) => inferTypes(d.name, operands, regions),
    evaluate: ([condition, ...captures], _attrs, context, { regions }): NdArray[] =>
      context.runRegion(regions[condition.data[0] ? 0 : 1], captures),
    form: ({ regions: [then, otherwise] }) => ({ form: "cond", then, otherwise }),
  };
}
