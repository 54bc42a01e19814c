import { type Declaration, type Feeds, resident } from "./resident.ts";

const FIRST_ROUNDS = 128;
const MOST_ROUNDS = 2 ** 12;

/** Rounds that the inputs of a key needed. */
const needed = new Map<string, number>();

/**
 * A compiled function with loops of a chosen number of rounds: twice as many until its output `finished` says that they
 * were enough.
 */
export function enoughRounds(key: string, declare: (rounds: number) => Declaration, feeds: Feeds) {
  for (let rounds = needed.get(key) ?? FIRST_ROUNDS; rounds <= MOST_ROUNDS; rounds *= 2) {
    const task = resident(`${key} ${rounds}`, () => declare(rounds), feeds);
    task.run();
    if (task.outputs.finished[0] === 0) continue;
    needed.set(key, rounds);
    return task;
  }
  throw new Error(`${key}: not at an end after ${MOST_ROUNDS} rounds`);
}
