import type { Attrs } from "../graph/attrs.ts";

import type { Expr } from "../loop/ir.ts";
import type { DimEnvironment } from "../shared/dim.ts";
import { allocate, type DType } from "../shared/dtype.ts";
import type { TensorType } from "../shared/shape.ts";
import type { LowerableOp } from "./form.ts";
import { forEachIndex } from "./view.ts";

/** What is particular to a source: elements that are a function of their index alone. */
export interface SourceDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  readonly dtypes: readonly DType[];
  /** @throws GradcError for attributes that do not fit */
  type(attrs: Attrs): TensorType;
  element(index: readonly Expr[], attrs: Attrs): Expr;
  /** The same in plain numbers, written independently. */
  reference(index: readonly number[], attrs: Attrs, env: DimEnvironment): number;
  readonly cost: number;
}

/** Declares a source: no operands, no derivative. */
export function source(d: SourceDeclaration): LowerableOp {
  return {
    name: d.name,
    kind: "source",
    operands: d.operands,
    dtypes: d.dtypes,
    nominal: false,
    commutative: false,
    derivative: null,
    inferTypes: (_operands, attrs) => [d.type(attrs)],
    evaluate: (_inputs, attrs, { outputs: [type], env }) => {
      const data = allocate(
        type.dtype,
        type.shape.reduce((p, n) => p * n, 1),
      );
      forEachIndex(type.shape, (index, flat) => {
        data[flat] = d.reference(index, attrs, env);
      });
      return [{ ...type, data }];
    },
    form: node => ({ form: "pointwise", cost: d.cost, at: (_output, index) => d.element(index, node.attrs) }),
  };
}
