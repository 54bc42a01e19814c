import type { Node } from "../graph/node.ts";
import type { TypedArray } from "../shared/dtype.ts";
import { callError } from "./coerce.ts";

/** Checks constant indices where they are written; those from inputs are checked at each call. */
export function constantBounds(node: Node): void {
  for (const { operand, below } of node.op.indexBounds?.(node) ?? []) {
    const { attrs } = node.operands[operand].node;
    if (typeof below !== "number" || !ArrayBuffer.isView(attrs.data)) continue;
    const wrong = (attrs.data as TypedArray).find(value => value < 0 || value >= below);
    if (wrong !== undefined) {
      throw callError("input-range", `${node.op.name}: the index ${wrong} points outside`, {
        expected: `0 ≤ index < ${below}`,
        received: String(wrong),
      });
    }
  }
}
