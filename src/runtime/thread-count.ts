import type { Fail } from "./errors.ts";

const MOST_THREADS = 256;

/** @throws `attribute` for a number of threads that cannot be */
export function checkThreadCount(who: string, threads: number, fail: Fail): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  const range = `a whole number from 1 to ${MOST_THREADS}`;
  throw fail("attribute", `${who}: threads cannot be ${threads}`, range, `${threads}`);
}
