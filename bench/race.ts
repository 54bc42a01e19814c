import { median } from "./measure.ts";
import type { Racer } from "./peers/contender.ts";

export interface Pace {
  /** Seconds of one contender's turn, about. */
  readonly turn: number;
  readonly rounds: number;
  /** Seconds for all turns of a contender whose single call takes longer than a turn. */
  readonly patience: number;
}

/** Seconds per call by contender and round; undefined in rounds that a slow contender sat out. */
export type Times = ReadonlyMap<string, readonly (number | undefined)[]>;

const FEWEST_TURNS = 3;

/**
 * In each round every contender has its turn, so that what else the machine does meets all of them alike. What needs
 * longer than a turn for one call takes part in some rounds only.
 * @param feeds how many different arguments calls go through
 */
export async function race(racers: readonly Racer[], feeds: number, pace: Pace): Promise<Times> {
  const runners: Runner[] = [];
  for (const racer of racers) runners.push(await Runner.prepare(racer, feeds, pace));
  const times = new Map(racers.map(c => [c.name, [] as (number | undefined)[]]));
  for (let round = 0; round < pace.rounds; round++) {
    for (const runner of runners) {
      const takesPart = round % runner.every === 0;
      times.get(runner.name)?.push(takesPart ? await runner.turn() : undefined);
    }
  }
  return times;
}

class Runner {
  readonly name: string;
  /** Takes part in every such round. */
  every = 1;
  readonly #racer: Racer;
  readonly #feeds: number;
  #calls = 1;
  #next = 0;

  private constructor(racer: Racer, feeds: number) {
    this.name = racer.name;
    this.#racer = racer;
    this.#feeds = feeds;
  }

  /** Finds out how many calls make a turn, which warms up. */
  static async prepare(racer: Racer, feeds: number, { turn, rounds, patience }: Pace): Promise<Runner> {
    const runner = new Runner(racer, feeds);
    let seconds = await runner.turn();
    while (seconds * runner.#calls < turn / 2) {
      runner.#calls *= 2;
      seconds = await runner.turn();
    }
    runner.#calls = Math.max(1, Math.round(turn / seconds));
    const turns = Math.max(FEWEST_TURNS, Math.floor(patience / (seconds * runner.#calls)));
    runner.every = Math.max(1, Math.floor(rounds / turns));
    // The engine replaces code between calls, and looks for what is worth it once in a while.
    if (runner.every === 1) await runner.turn();
    return runner;
  }

  /** @returns seconds per call */
  async turn(): Promise<number> {
    const racer = this.#racer;
    racer.enter?.();
    const start = performance.now();
    for (let i = 0; i < this.#calls; i++) {
      const pending = racer.run(this.#next++ % this.#feeds);
      if (pending) await pending;
    }
    return (performance.now() - start) / 1000 / this.#calls;
  }
}

const measured = (values: readonly (number | undefined)[]): number[] => values.filter(v => v !== undefined);

export function medianOf(times: Times, name: string): number {
  return median(measured(times.get(name) ?? []));
}

/** The median over the rounds in which both took part of how many times as long `slower` takes. */
export function ratioOf(times: Times, slower: string, faster: string): number {
  const [a, b] = [times.get(slower) ?? [], times.get(faster) ?? []];
  return median(
    measured(
      a.map((seconds, round) => {
        const other = b[round];
        return seconds === undefined || other === undefined ? undefined : seconds / other;
      }),
    ),
  );
}
