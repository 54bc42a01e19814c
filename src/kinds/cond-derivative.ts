import { regionParameter } from "../graph/leaves.ts";
import { createNode, type Node } from "../graph/node.ts";
import type { Derivative, DerivativeRule, JvpContext, VjpContext } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { algebra } from "./algebra.ts";
import { closeRegions, type OpenBody } from "./closure.ts";
import { sweep } from "./sweep.ts";

/** Derivatives handed to a choice besides its captures, zeros left out, and the parameters that stand for them. */
interface Given {
  readonly values: readonly Tensor[];
  /** Fresh parameters, in the places of the derivatives. */
  parameters(): Derivative[];
}

function given(derivatives: readonly Derivative[], name: string): Given {
  return {
    values: derivatives.filter(d => d !== null),
    parameters: () => derivatives.map((d, k) => d && regionParameter(d, `${name} ${k}`)),
  };
}

/**
 * The same choice between derivatives of the two bodies, which compute what they need of the bodies again: nothing is
 * saved for the body that did not run.
 * @param like the values that the derivatives belong to, in each body
 * @returns a derivative for each; null where both bodies have none
 */
function choose(
  node: Node,
  { values, parameters }: Given,
  derive: (region: OpenBody, own: readonly Derivative[]) => readonly Derivative[],
  like: (region: OpenBody) => readonly Tensor[],
): Derivative[] {
  const parts = node.regions.map(region => {
    const own = parameters();
    return { region, own, made: derive(region, own), like: like(region) };
  });
  const places = parts[0].made.flatMap((_, k) => (parts.some(p => p.made[k]) ? [k] : []));
  if (places.length === 0) return parts[0].made.map(() => null);
  const { regions, captures } = closeRegions(
    parts.map(({ region, own, made, like: values }) => ({
      parameters: [...region.parameters, ...own.filter(p => p !== null)],
      results: places.map(k => made[k] ?? algebra().zerosLike(values[k])),
    })),
  );
  const { outputs } = createNode(node.op, [...node.operands, ...values, ...captures], node.attrs, regions);
  return parts[0].made.map((_, k) => outputs[places.indexOf(k)] ?? null);
}

function vjp({ node, cotangents, needed }: VjpContext): Derivative[] {
  const wanted = needed.slice(1);
  const made = choose(
    node,
    given(cotangents, "cotangent"),
    ({ parameters, results }, own) => {
      const wrt = parameters.filter((_, k) => wanted[k]);
      const flat = sweep().vjp(results, wrt, own);
      let next = 0;
      return parameters.map((_, k) => (wanted[k] ? flat[next++] : null));
    },
    region => region.parameters,
  );
  return [null, ...made];
}

function jvp({ node, tangents }: JvpContext): Derivative[] {
  return choose(
    node,
    given(tangents.slice(1), "tangent"),
    ({ parameters, results }, own) => sweep().jvp(results, parameters, own),
    region => region.results,
  );
}

export const condDerivative: DerivativeRule = {
  equations: ["none: a condition", "the same choice between the bodies' derivatives"],
  vjp,
  jvp,
};
