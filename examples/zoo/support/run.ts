import { Lab } from "./lab.ts";
import type { Options } from "./options.ts";
import { type Result, resultOf, type Trial } from "./results.ts";
import type { Exhibit, Row } from "./row.ts";

export interface Run {
  readonly result: Result;
  /** Of the first seed. */
  readonly exhibits: readonly Exhibit[];
}

/** Hears how far a row is: a share from 0 to 1 of what it is at. */
export type Listener = (share: number, text: string) => void;

/** Trains a row once for every seed. What it throws becomes part of the result. */
export async function runRow(file: string, row: Row, options: Options, listener: Listener): Promise<Run> {
  const trials: Trial[] = [];
  let exhibits: readonly Exhibit[] = [];
  try {
    for (let i = 0; i < options.seeds; i++) {
      const seed = options.seed + i;
      const trial = await train(row, seed, options, (share, text) =>
        listener(share, options.seeds > 1 ? `${text}, seed ${i + 1} of ${options.seeds}` : text),
      );
      trials.push(trial.trial);
      if (i === 0) exhibits = trial.exhibits;
    }
    return { result: resultOf(file, row, trials), exhibits };
  } catch (error) {
    return { result: { ...resultOf(file, row, trials), error: messageOf(error) }, exhibits };
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name === "Error" ? "" : `${error.name}: `}${error.message}` : String(error);

async function train(
  row: Row,
  seed: number,
  options: Options,
  listener: Listener,
): Promise<{ trial: Trial; exhibits: readonly Exhibit[] }> {
  const { mode, target, threads, data } = options;
  const lab = new Lab({
    ...{ mode, target, threads, data, seed },
    progress: (title, done, total) => listener(done / total, title),
  });
  try {
    const started = performance.now();
    const { figures, exhibits } = await row.show(lab);
    const { parameters, compileMs, steps, stepMs } = lab.costs;
    const seconds = (performance.now() - started - compileMs) / 1000;
    const cost = steps === 0 ? {} : { stepMicroseconds: (1000 * stepMs) / steps };
    return { trial: { seed, figures, parameters, compileMs, steps, ...cost, seconds }, exhibits };
  } finally {
    lab.close();
  }
}
