import type { Node } from "../../graph/node.ts";
import type { ContractionForm } from "../../kinds/form.ts";
import type { TargetProfile } from "../../loop/ir.ts";
import { dimMax } from "../../shared/dim.ts";
import type { Shape } from "../../shared/shape.ts";
import type { Stage } from "../cluster.ts";
import type { KernelEmitter } from "../emit.ts";
import type { Storage } from "../storage.ts";
import { emitDirect } from "./direct.ts";
import { Product } from "./product.ts";
import { emitTiled } from "./tiled.ts";

/** Emits the kernel of a contraction: the template, with reads, sizes and epilogue filled in. */
export function emitContraction(
  e: KernelEmitter,
  node: Node,
  form: ContractionForm,
  stages: readonly Stage[],
  profile: TargetProfile,
  room: (label: string, shape: Shape) => Storage,
): void {
  const product = new Product(e, node, form, stages, profile, room);
  e.announce([{ node, values: node.outputs }, ...stages]);
  product.prepare();
  const { batch } = product.roles;
  e.nest(
    batch.map(l => product.extent(l)),
    index => {
      const letters = Object.fromEntries(batch.map((l, i) => [l, index[i]]));
      if (fillsVectors(product)) emitTiled(product, letters);
      else emitDirect(product, letters);
    },
    product.alone ? {} : { parallel: true },
  );
}

/** From so many rows and so deep on, vectors that are mostly empty are faster than no vectors. */
const ROWS_FOR_FEW_COLUMNS = 6;
const DEPTH_FOR_FEW_COLUMNS = 16;

/** Vectors hold neighbouring columns: enough to fill one, or so much work that vectors that are partly empty pay. */
function fillsVectors(product: Product): boolean {
  const { lanes, roles } = product;
  const [rows, columns, depth] = [roles.rows, roles.columns, roles.depth].map(group => dimMax(product.size(group)));
  if (lanes === 1 || depth === 1) return false;
  return columns >= lanes || (rows >= ROWS_FOR_FEW_COLUMNS && depth >= DEPTH_FOR_FEW_COLUMNS);
}
