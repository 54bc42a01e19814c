import { endless, type Table } from "./data.ts";
import type { Lab } from "./lab.ts";

export interface TrainingOptions {
  readonly steps: number;
  /** Examples of a batch. */
  readonly size: number;
  /** Steps between two points of the curves (default 100); it divides `steps`. */
  readonly every?: number;
  readonly title?: string;
}

/**
 * Trains on shuffled batches.
 * @param learn does one step and returns the loss
 * @param measure returns the loss on other examples; called at every point
 * @returns curves to draw: the mean loss between two points, and what was measured there
 */
export function learningCurves(
  lab: Lab,
  table: Table,
  { steps, size, every = 100, title }: TrainingOptions,
  learn: (batch: Table) => number,
  measure?: () => number,
): { readonly training: number[]; readonly test: number[] } {
  const source = endless(table, size, lab.random);
  const [training, test]: [number[], number[]] = [[], []];
  let total = 0;
  for (const step of lab.steps(steps, title)) {
    total += learn(source.next().value);
    if ((step + 1) % every > 0) continue;
    training.push(total / every);
    if (measure) test.push(measure());
    total = 0;
  }
  return { training, test };
}

/** What is drawn of several trainings in one plot. */
export const lossesOf = (
  trained: Readonly<Record<string, { readonly losses: readonly number[] }>>,
): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(trained).map(([name, { losses }]) => [name, losses]));
