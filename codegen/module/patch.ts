import { invariant } from "../../src/shared/errors.ts";

const LONGEST = 255;
/** Runs that stand closer together are one: each costs two bytes. */
const NEAR = 2;

/**
 * What turns one byte string into another of the same length: runs of [bytes that stay, bytes that change, those bytes],
 * for `patched` of src/runtime/variant.ts.
 */
export function patchOf(from: Uint8Array, to: Uint8Array): Uint8Array {
  invariant(from.length === to.length, "the variants of a module differ in length");
  const patch: number[] = [];
  let done = 0;
  for (const [start, end] of runs(from, to)) {
    for (; start - done > LONGEST; done += LONGEST) patch.push(LONGEST, 0);
    patch.push(start - done, end - start, ...to.subarray(start, end));
    done = end;
  }
  return Uint8Array.from(patch);
}

/** Ranges that differ, none longer than a byte can say. */
function runs(from: Uint8Array, to: Uint8Array): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < from.length; i++) {
    if (from[i] === to[i]) continue;
    const last = found.at(-1);
    if (last && i - last[1] <= NEAR && i - last[0] < LONGEST) last[1] = i + 1;
    else found.push([i, i + 1]);
  }
  return found;
}
