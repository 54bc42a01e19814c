import { film, images } from "./plot.ts";
import type { Exhibit } from "./row.ts";
import { exhibit, overTime, turned } from "./time.ts";

/** What the heads of a machine with a memory did in every step. */
export interface Watched {
  /** [time, slots] each */
  readonly writes: Float32Array;
  readonly reads: Float32Array;
  /** [time, slots, width] */
  readonly memory: Float32Array;
}

/** Where the heads looked, as pictures over time; and the memory between them, as a film. */
export function drawHeads({ writes, reads, memory }: Watched, slots: number, width: number): Exhibit[] {
  const frames = Array.from({ length: writes.length / slots }, (_, t) => {
    const at = (all: Float32Array, size: number): Float32Array => all.subarray(t * size, (t + 1) * size);
    const [writing, held, reading] = [at(writes, slots), turned(at(memory, slots * width), width), at(reads, slots)];
    return images([...writing, ...held, ...reading], { width: slots, height: width + 2, range: [-1, 1], scale: 10 });
  });
  return [
    exhibit(
      "Where the heads look",
      "Slots from top to bottom, time from left to right; the head that writes, and the head that reads. While it " +
        "listens, the machine writes slot after slot; then it reads them in the same order.",
      overTime([writes, reads], slots, { scale: 5 }),
    ),
    exhibit(
      "The memory at work",
      "Slots from left to right. The first row: where it writes; the last row: where it reads; between them: what the " +
        "slots hold.",
      film(frames),
    ),
  ];
}
