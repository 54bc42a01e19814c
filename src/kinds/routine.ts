import type { Attrs } from "../graph/attrs.ts";
import type { Node } from "../graph/node.ts";
import type { BatchRule, DerivativeRule, NdArray } from "../graph/op.ts";
import type { Stmt } from "../loop/ir.ts";
import type { DType } from "../shared/dtype.ts";
import type { TensorType } from "../shared/shape.ts";
import type { LowerableOp, ProcedureForm } from "./form.ts";

/** An algorithm of its own: types, reference, loops and derivative are all particular to it. */
export interface RoutineDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  readonly dtypes: readonly DType[];
  inferTypes(operands: readonly TensorType[], attrs: Attrs): readonly TensorType[];
  evaluate(inputs: readonly NdArray[], attrs: Attrs, outputs: readonly Omit<NdArray, "data">[]): NdArray[];
  /** Reads `in$0` …, writes (and may read back) `out$0` …, `scratch$0` …. */
  build(node: Node, fresh: (hint: string) => string): readonly Stmt[];
  scratch?(node: Node): ProcedureForm["scratch"];
  /** Operations per element. */
  readonly cost: number | ((node: Node) => number);
  readonly derivative: DerivativeRule | null;
  /** Absent: a loop over the batch. */
  readonly batch?: BatchRule;
}

/** Declares a routine. */
export function routine(d: RoutineDeclaration): LowerableOp {
  return {
    name: d.name,
    kind: "routine",
    operands: d.operands,
    dtypes: d.dtypes,
    nominal: false,
    commutative: false,
    derivative: d.derivative,
    batch: d.batch,
    inferTypes: d.inferTypes,
    evaluate: (inputs, attrs, { outputs }) => d.evaluate(inputs, attrs, outputs),
    form: node => ({
      form: "procedure",
      cost: typeof d.cost === "number" ? d.cost : d.cost(node),
      scratch: d.scratch?.(node),
      build: fresh => d.build(node, fresh),
    }),
  };
}
