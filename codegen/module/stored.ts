import type { StoredValues } from "./code.ts";
import { RUNTIME } from "./runtime.generated.ts";

/** Statements that define `fill` and `places`, where there is something to fill in. */
export const storedPrelude = ({ places }: StoredValues): string[] => [
  `const fill=${RUNTIME.fill};`,
  ...(hasHalves(places) ? [`const widen=${RUNTIME.widenHalf};`] : []),
];

/** A statement that puts the values into `memory`; `bytes` is an expression. */
export const fillStatement = ({ places }: StoredValues, bytes: string): string =>
  `fill(memory,${bytes},${JSON.stringify(places)}${hasHalves(places) ? ",widen" : ""});`;

const hasHalves = (places: StoredValues["places"]): boolean => places.some(([, , half]) => half === 1);
