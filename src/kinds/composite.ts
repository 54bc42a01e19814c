import type { Attrs } from "../graph/attrs.ts";
import { evaluateGraph } from "../graph/evaluate.ts";
import { regionParameter } from "../graph/leaves.ts";
import type { Node } from "../graph/node.ts";
import type { BatchRule, DerivativeRule, EvaluationContext, NdArray, Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { DType } from "../shared/dtype.ts";
import { present } from "../shared/errors.ts";
import type { TensorType } from "../shared/shape.ts";
import { batchComposite } from "./batched.ts";

/**
 * A graph of other operations under a name of its own. It stays one node until derivatives are taken, so that its own
 * rule is used instead of the rules of its parts; then it is expanded.
 */
export interface CompositeDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  readonly dtypes: readonly DType[];
  inferTypes(operands: readonly TensorType[], attrs: Attrs): readonly TensorType[];
  expand(operands: readonly Tensor[], attrs: Attrs): readonly Tensor[];
  readonly derivative: DerivativeRule | null;
  /** Absent: the batch of the graph it stands for, with the rule's own derivative (batched.ts). */
  readonly batch?: BatchRule;
  indexBounds?: Op["indexBounds"];
}

/** An op that says which graph it stands for. */
export type CompositeOp = Op & Required<Pick<Op, "expand">>;

interface Body {
  readonly parameters: readonly Tensor[];
  readonly results: readonly Tensor[];
}

const bodies = new WeakMap<Node, Body>();

/** The expansion over placeholders, built once per node. */
function bodyOf(node: Node): Body {
  let body = bodies.get(node);
  if (!body) {
    const parameters = node.operands.map((o, k) => regionParameter(o, `operand${k}`));
    body = {
      parameters,
      results: present(node.op.expand, "a composite without a body")(parameters, node.attrs, node.regions),
    };
    bodies.set(node, body);
  }
  return body;
}

/** Evaluates an op by its expansion. */
export function evaluateExpansion(inputs: readonly NdArray[], { env }: EvaluationContext, node: Node): NdArray[] {
  const { parameters, results } = bodyOf(node);
  return evaluateGraph(results, new Map(parameters.map((p, k) => [p, inputs[k]])), env);
}

/** Declares a composite. */
export function composite(d: CompositeDeclaration): CompositeOp {
  return {
    name: d.name,
    kind: "composite",
    operands: d.operands,
    dtypes: d.dtypes,
    nominal: false,
    commutative: false,
    derivative: d.derivative,
    batch: d.batch ?? batchComposite,
    inferTypes: d.inferTypes,
    evaluate: (inputs, _attrs, context, node) => evaluateExpansion(inputs, context, node),
    expand: d.expand,
    ...(d.indexBounds ? { indexBounds: d.indexBounds } : {}),
  };
}
