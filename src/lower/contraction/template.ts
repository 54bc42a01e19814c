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

/** Vectors hold neighbouring columns: with fewer columns than lanes they would be mostly empty. */
function fillsVectors(product: Product): boolean {
  const { lanes, roles } = product;
  return lanes > 1 && dimMax(product.size(roles.columns)) >= lanes && dimMax(product.size(roles.depth)) > 1;
}
