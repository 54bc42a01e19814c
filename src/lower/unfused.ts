import type { Tensor } from "../graph/tensor.ts";
import type { Materialisation } from "./materialise.ts";
import { formOf } from "./reader.ts";

/** Every value stored: what fused kernels are held against in tests. */
export function storeEverything(m: Materialisation): Materialisation {
  const stored = new Set<Tensor>(m.stored);
  for (const node of m.order) if (formOf(node).form !== "alias") for (const o of node.outputs) stored.add(o);
  return { ...m, stored };
}
