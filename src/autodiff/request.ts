import type { Attrs } from "../graph/attrs.ts";
import { createNode, type Node, type Region } from "../graph/node.ts";
import type { BatchContext, DerivativeRule, Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { allBatched, mergeAxis, moveAxis, splitAxis } from "../kinds/batch.ts";
import { type Dim, mulDims } from "../shared/dim.ts";
import { isFloat } from "../shared/dtype.ts";
import { InternalError, invariant } from "../shared/errors.ts";
import { type TensorType, typeEquals } from "../shared/shape.ts";

const unexpanded = (): never => {
  throw new InternalError("a derivative request was not expanded");
};

/** Requests look differentiable, so that what depends on them counts as connected; they are gone before any sweep. */
const pending: DerivativeRule = { equations: [], vjp: unexpanded, jvp: unexpanded };

/** How many directions (cotangents or tangents) a request has along a leading axis; undefined: one, without the axis. */
export const directionsOf = (attrs: Attrs): Dim | undefined => attrs.directions as Dim | undefined;

/**
 * A batch of requests. Where only the directions vary, one derivative takes them all: `directions` along a leading axis.
 * Else it is a derivative of the batch: examples do not depend on each other.
 */
function batchRequest(context: BatchContext, isDirection: (k: number) => boolean): readonly Tensor[] {
  const { node, batched, size } = context;
  const { op, attrs } = node;
  const inner = directionsOf(attrs);
  const all = allBatched(context);
  if (batched.some((b, k) => b && !isDirection(k))) {
    if (inner === undefined) return createNode(op, all, attrs).outputs;
    const turned = all.map((o, k) => (isDirection(k) ? moveAxis(o, 0, 1) : o));
    return createNode(op, turned, attrs).outputs.map(o => moveAxis(o, 1, 0));
  }
  const one = node.operands.map((o, k) => (isDirection(k) ? all[k] : o));
  if (inner === undefined) return createNode(op, one, { ...attrs, directions: size }).outputs;
  const merged = one.map((o, k) => (isDirection(k) ? mergeAxis(o, 0) : o));
  const flat = createNode(op, merged, { ...attrs, directions: mulDims(size, inner) }).outputs;
  return flat.map(o => splitAxis(o, 0, size, inner));
}

/** Is this operand a cotangent or tangent? */
type IsDirection = (k: number, attrs: Attrs) => boolean;

function request(
  name: string,
  isDirection: IsDirection,
  types: (operands: readonly TensorType[], attrs: Attrs) => TensorType[],
): Op {
  return {
    name,
    kind: "request",
    nominal: false,
    commutative: false,
    derivative: pending,
    batch: context => batchRequest(context, k => isDirection(k, context.node.attrs)),
    operands: [],
    dtypes: ["f32", "f64"],
    inferTypes: types,
    evaluate: unexpanded,
  };
}

/** The type of as many directions as the request has. */
function along({ dtype, shape }: TensorType, attrs: Attrs): TensorType {
  const directions = directionsOf(attrs);
  return { dtype, shape: directions === undefined ? shape : [directions, ...shape] };
}

/** What users ask for was checked where they asked; a text may say anything. */
function checkRequest(fits: boolean, attrs: Attrs, targets: readonly TensorType[]): void {
  invariant(fits && attrs.targets === targets.length, "a derivative request whose operands do not fit");
  invariant(
    targets.every(t => isFloat(t.dtype)),
    "a derivative request for integers",
  );
}

/**
 * Operands y, ȳ, targets…; outputs the cotangents of the targets. attrs: targets, how many they are; directions, how many
 * cotangents there are along a leading axis.
 */
const isCotangent: IsDirection = k => k === 1;
export const vjpRequest = request("vjp", isCotangent, (operands, attrs) => {
  const [y, cotangent, ...targets] = operands;
  checkRequest(isFloat(y.dtype) && typeEquals(along(y, attrs), cotangent), attrs, targets);
  return targets.map(t => along(t, attrs));
});

/** Operands y, targets…, tangents…; output the tangent of y. attrs: targets, directions. */
const isTangent: IsDirection = (k, attrs) => k > Number(attrs.targets);
export const jvpRequest = request("jvp", isTangent, (operands, attrs) => {
  const [y, ...rest] = operands;
  const targets = rest.slice(0, rest.length / 2);
  const tangents = rest.slice(targets.length);
  const fits = targets.length === tangents.length && targets.every((t, i) => typeEquals(along(t, attrs), tangents[i]));
  checkRequest(isFloat(y.dtype) && fits, attrs, targets);
  return [along(y, attrs)];
});

export const isRequest = (node: Node): boolean => node.op.kind === "request";

/** Whether a region asks for derivatives, at any depth. */
export const hasRequests = (region: Region): boolean =>
  topological(region.results).some(n => isRequest(n) || n.regions.some(hasRequests));

/** Is it the request of cotangents for one cotangent? */
export const isGradient = (node: Node): boolean => node.op === vjpRequest && directionsOf(node.attrs) === undefined;

/** The operands of a request that are differentiated for. */
export function targetsOf(node: Node): readonly Tensor[] {
  const count = node.attrs.targets as number;
  return node.op === vjpRequest ? node.operands.slice(2) : node.operands.slice(1, 1 + count);
}
