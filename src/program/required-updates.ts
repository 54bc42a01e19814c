import { nameOf, sitesOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { GradcError } from "../shared/errors.ts";
import { nodesWithBodies } from "./checks.ts";
import { sites } from "./names.ts";
import type { FunctionDeclaration } from "./program.ts";
import type { Update } from "./update.ts";

const required = new WeakMap<Tensor, Update[]>();

/**
 * For authors of layers: a program that computes `value` is a mistake unless one of its functions updates what `update`
 * does. A dropout mask, for example, is the same in every call while nothing advances the key that it is drawn from.
 * @returns value
 */
export function requireUpdate<T extends Tensor>(value: T, update: Update): T {
  const all = required.get(value);
  if (all) all.push(update);
  else required.set(value, [update]);
  return value;
}

/**
 * Finds what no function of the program updates although a layer relies on it. One function that does is enough: others
 * may read the same state (the loss without a training step, two networks that train in turn). A state that is drawn from
 * without a layer's mode is no mistake for sure: its owner may set it between the calls.
 */
export function checkRequiredUpdates(functions: readonly (readonly [string, FunctionDeclaration])[]): void {
  const updated = new Set(functions.flatMap(([, f]) => (f.updates ?? []).map(u => u.target)));
  for (const [fn, f] of functions) {
    const roots = [...Object.values(f.outputs), ...(f.updates ?? []).map(u => u.value)];
    for (const node of nodesWithBodies(roots)) {
      for (const value of node.outputs) {
        const missing = required.get(value)?.find(u => !updated.has(u.target));
        if (!missing) continue;
        const name = JSON.stringify(nameOf(missing.target));
        throw new GradcError(
          "missing-update",
          `${fn}: a layer in training mode relies on ${name}, which nothing updates`,
          {
            expected: `${missing} among the updates`,
            received: `updates of ${[...updated].map(u => JSON.stringify(nameOf(u))).join(", ") || "nothing"}`,
            sites: sites(sitesOf(value)[0]),
          },
        );
      }
    }
  }
}
