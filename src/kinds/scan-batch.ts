import { regionParameter } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import type { BatchRule } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { batchVarying, moveAxis, repeat } from "./batch.ts";
import type { ScanAttrs } from "./region.ts";

/**
 * A batch of loops is one loop over batched carries and slices. Carries that do not come to depend on what varies stay as
 * they are.
 */
export const batchScan: BatchRule = ({ node, operands, batched, size }) => {
  const attrs = node.attrs as ScanAttrs;
  const { carries, sequences } = attrs;
  const [{ parameters, results }] = node.regions;
  const varying = [...batched];
  let own: Tensor[] = [];
  let body: (Tensor | undefined)[] = [];
  for (let grew = true; grew; ) {
    own = parameters.map(({ dtype, shape, node: { attrs: a } }, k) =>
      varying[k] ? regionParameter({ dtype, shape: [size, ...shape] }, String(a.name)) : parameters[k],
    );
    const given = new Map(parameters.flatMap((p, k) => (varying[k] ? [[p, own[k]] as const] : [])));
    body = batchVarying(results, given, size);
    grew = false;
    for (let k = 0; k < carries; k++) {
      if (varying[k] || !body[k]) continue;
      varying[k] = true;
      grew = true;
    }
  }
  const made = createNode(
    node.op,
    operands.map((o, k) => {
      if (!varying[k]) return o;
      if (!batched[k]) return repeat(o, size);
      return k >= carries && k < carries + sequences ? moveAxis(o, 0, 1) : o;
    }),
    attrs,
    [
      {
        parameters: own,
        results: results.map((r, k) => (k < carries && varying[k] ? (body[k] ?? repeat(r, size)) : (body[k] ?? r))),
      },
    ],
  ).outputs;
  return made.map((y, k) => {
    if (k < carries) return varying[k] ? y : repeat(y, size);
    return body[k] ? moveAxis(y, 1, 0) : repeat(y, size);
  });
};
