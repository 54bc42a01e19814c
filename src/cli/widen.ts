import type { Attrs, AttrValue } from "../graph/attrs.ts";
import { inputOp, regionParameter } from "../graph/leaves.ts";
import { createNode, Interner, type Region, withInterner } from "../graph/node.ts";
import { withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, type Substitution } from "../graph/traverse.ts";
import { bitcastOp, cast } from "../ops/cast.ts";

const wideAttr = (value: AttrValue): AttrValue =>
  value === "f32" ? "f64" : value instanceof Float32Array ? Float64Array.from(value) : value;

const wideAttrs = (attrs: Attrs): Attrs =>
  Object.fromEntries(Object.entries(attrs).map(([key, value]) => [key, wideAttr(value)]));

const wide = (x: Tensor): Tensor => (x.dtype === "f32" ? cast(x, "f64") : x);

function wideRegion(region: Region): Region {
  const inside: Substitution = new Map();
  const parameters = region.parameters.map(p => {
    const { dtype, shape } = p;
    const next = regionParameter({ dtype: dtype === "f32" ? "f64" : dtype, shape }, String(p.node.attrs.name));
    inside.set(p, next);
    return next;
  });
  return { parameters, results: widenInto(region.results, inside) };
}

function widenInto(roots: readonly Tensor[], substitution: Substitution): readonly Tensor[] {
  return rebuild(
    roots,
    (node, operands) => {
      if (node.op.nominal) {
        const { name, ...rest } = wideAttrs(node.attrs);
        return createNode(inputOp, [], { ...rest, name: `${node.op.name}.${String(name)}` }).outputs;
      }
      // Bits are bits: only their value as a number is widened.
      if (node.op === bitcastOp) {
        const own = operands.map((o, i) => (node.operands[i].dtype === "f32" ? cast(o, "f32") : o));
        return createNode(node.op, own, node.attrs).outputs.map(wide);
      }
      return createNode(node.op, operands, wideAttrs(node.attrs), node.regions.map(wideRegion)).outputs;
    },
    substitution,
  );
}

/**
 * The same graph with f64 in the place of f32; every input, parameter and state becomes an input.
 * @returns what stands for each value of the graph
 */
export function widen(roots: readonly Tensor[]): Substitution {
  const substitution: Substitution = new Map();
  withOrigin(null, () => withInterner(new Interner(), () => widenInto(roots, substitution)));
  return substitution;
}
