import { ByteWriter } from "./encoder.ts";

/** An instruction that names a local. */
export interface Use {
  /** Where the number belongs. */
  at: number;
  readonly local: number;
  /** It gives the local a value. */
  readonly sets: boolean;
}

/** A loop, by the uses of locals that are in it: from the first one up to, not including, the last one's successor. */
export interface LoopRange {
  readonly from: number;
  readonly to: number;
}

/** Instructions in which the numbers of locals are still open: they are chosen when the whole function is known. */
export class Code extends ByteWriter {
  readonly uses: Use[] = [];
  readonly loops: LoopRange[] = [];

  /** The place of a local's number. */
  use(local: number, sets: boolean): void {
    this.uses.push({ at: this.length, local, sets });
  }

  /** Takes over what another has; it must not be used afterwards. */
  join(part: Code): void {
    const before = this.uses.length;
    for (const use of part.uses) {
      use.at += this.length;
      this.uses.push(use);
    }
    for (const { from, to } of part.loops) this.loops.push({ from: from + before, to: to + before });
    this.append(part.finish());
  }

  /** Writes the instructions with the number that `numberOf` gives to each local. */
  write(out: ByteWriter, numberOf: (local: number) => number): void {
    const bytes = this.finish();
    let done = 0;
    for (const { at, local } of this.uses) {
      while (done < at) out.byte(bytes[done++]);
      out.u32(numberOf(local));
    }
    out.append(bytes.subarray(done));
  }
}
