import type { Attrs } from "../graph/attrs.ts";
import type { Node } from "../graph/node.ts";
import type { DerivativeRule, Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { isFloat } from "../shared/dtype.ts";
import { InternalError, invariant } from "../shared/errors.ts";
import { type TensorType, typeEquals } from "../shared/shape.ts";

const unexpanded = (): never => {
  throw new InternalError("a derivative request was not expanded");
};

/** Requests look differentiable, so that what depends on them counts as connected; they are gone before any sweep. */
const pending: DerivativeRule = { equations: [], vjp: unexpanded, jvp: unexpanded };

function request(name: string, types: (operands: readonly TensorType[], attrs: Attrs) => TensorType[]): Op {
  return {
    name,
    kind: "request",
    nominal: false,
    commutative: false,
    derivative: pending,
    operands: [],
    dtypes: ["f32", "f64"],
    inferTypes: types,
    evaluate: unexpanded,
  };
}

const typeOf = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape });

/** What users ask for was checked where they asked; a text may say anything. */
function checkRequest(fits: boolean, attrs: Attrs, targets: readonly TensorType[]): void {
  invariant(fits && attrs.targets === targets.length, "a derivative request whose operands do not fit");
  invariant(
    targets.every(t => isFloat(t.dtype)),
    "a derivative request for integers",
  );
}

/** Operands y, ȳ, targets…; outputs the cotangents of the targets. attrs: targets, how many they are. */
export const vjpRequest = request("vjp", (operands, attrs) => {
  const [y, cotangent, ...targets] = operands;
  checkRequest(isFloat(y.dtype) && typeEquals(y, cotangent), attrs, targets);
  return targets.map(typeOf);
});

/** Operands y, targets…, tangents…; output the tangent of y. attrs: targets. */
export const jvpRequest = request("jvp", (operands, attrs) => {
  const [y, ...rest] = operands;
  const targets = rest.slice(0, rest.length / 2);
  const tangents = rest.slice(targets.length);
  const fits = targets.length === tangents.length && targets.every((t, i) => typeEquals(t, tangents[i]));
  checkRequest(isFloat(y.dtype) && fits, attrs, targets);
  return [typeOf(y)];
});

export const isRequest = (node: Node): boolean => node.op.kind === "request";

/** The operands of a request that are differentiated for. */
export function targetsOf(node: Node): readonly Tensor[] {
  const count = node.attrs.targets as number;
  return node.op === vjpRequest ? node.operands.slice(2) : node.operands.slice(1, 1 + count);
}
