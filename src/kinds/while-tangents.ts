import { regionParameter } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import type { Derivative, JvpContext } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { algebra } from "./algebra.ts";
import { closeRegions, replaceWithin } from "./closure.ts";
import { sweep } from "./sweep.ts";
import type { WhileAttrs } from "./while.ts";

/** Tangents of a loop without a bound: it runs again with the tangents of its carries as further carries. */
export function runWithTangents({ node, operands, outputs, tangents }: JvpContext): Derivative[] {
  const attrs = node.attrs as WhileAttrs;
  const { carries } = attrs;
  const [{ parameters, results }, condition] = node.regions;
  const moving = tangents.map(t => t !== null);
  let own: Derivative[] = [];
  let body: Derivative[] = [];
  for (let grew = true; grew; ) {
    grew = false;
    own = parameters.map((p, k) => (moving[k] ? regionParameter(p, `tangent ${k}`) : null));
    body = sweep().jvp(results, parameters, own);
    for (let k = 0; k < carries; k++) {
      if (!body[k] || moving[k]) continue;
      moving[k] = true;
      grew = true;
    }
  }
  const carried = own.flatMap((p, k) => (p && k < carries ? [k] : []));
  if (carried.length === 0) return outputs.map(() => null);

  const outer = new Map<Tensor, Tensor>();
  for (let k = carries; k < parameters.length; k++) {
    outer.set(parameters[k], operands[k]);
    const [inner, tangent] = [own[k], tangents[k]];
    if (inner && tangent) outer.set(inner, tangent);
  }
  const next = carried.map(k => body[k] ?? algebra().zerosLike(parameters[k]));
  const alike = carried.map(k => own[k] as Tensor);
  const { regions, captures } = closeRegions([
    {
      parameters: [...parameters.slice(0, carries), ...alike],
      results: replaceWithin([...results, ...next], outer),
    },
    {
      parameters: [...condition.parameters.slice(0, carries), ...alike.map(p => regionParameter(p, "tangent"))],
      results: replaceWithin(
        condition.results,
        new Map(condition.parameters.slice(carries).map((p, k) => [p, operands[carries + k]])),
      ),
    },
  ]);
  const start = carried.map(k => tangents[k] ?? algebra().zerosLike(operands[k]));
  const loop = createNode(
    node.op,
    [...operands.slice(0, carries), ...start, ...captures],
    { ...attrs, carries: carries + carried.length, captures: captures.length },
    regions,
  );
  return outputs.map((_, k) => {
    const at = carried.indexOf(k);
    return at < 0 ? null : loop.outputs[carries + at];
  });
}
