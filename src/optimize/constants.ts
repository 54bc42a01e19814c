import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { constantOp } from "../ops/source.ts";
import { expandOp, reshapeOp, transposeOp } from "../ops/view.ts";
import { allocate, type DType, type TypedArray } from "../shared/dtype.ts";

const REPEATING: ReadonlySet<Node["op"]> = new Set([expandOp, reshapeOp, transposeOp]);
const known = new WeakMap<Tensor, number | null>();

function constantFill(data: TypedArray): number | null {
  if (data.length === 0) return null;
  const [first] = data;
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return null;
  return first;
}

const mayRepeat = (op: Node["op"]): boolean => op === constantOp || REPEATING.has(op);

/** The number that all elements are, where that is known: constants of one number, and views of them that repeat it. */
export function fillValue(value: Tensor): number | undefined {
  const { op } = value.node;
  if (op !== constantOp && !(REPEATING.has(op) && mayRepeat(value.node.operands[0].node.op))) return undefined;
  const path: Tensor[] = [];
  let at = value;
  while (REPEATING.has(at.node.op) && !known.has(at)) {
    path.push(at);
    [at] = at.node.operands;
  }
  let found = known.get(at);
  if (found === undefined) {
    found = at.node.op === constantOp ? constantFill(at.node.attrs.data as TypedArray) : null;
    known.set(at, found);
  }
  for (const p of path) known.set(p, found);
  return found ?? undefined;
}

/** The number as the dtype holds it. */
export function rounded(value: number, dtype: DType): number {
  const held = allocate(dtype, 1);
  held[0] = value;
  return held[0];
}
