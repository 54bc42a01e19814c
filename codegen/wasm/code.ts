import { ByteWriter } from "./encoder.ts";

/** Instructions in which the numbers of locals are still open: they are chosen when the whole function is known. */
export class Code extends ByteWriter {
  /** Where numbers of locals belong, in order. */
  private readonly uses: { readonly at: number; readonly local: number }[] = [];

  local(local: number): void {
    this.uses.push({ at: this.length, local });
  }

  join(part: Code): void {
    for (const { at, local } of part.uses) this.uses.push({ at: at + this.length, local });
    this.append(part.finish());
  }

  /** The locals that are used, in order of their first use. */
  usedLocals(): ReadonlySet<number> {
    return new Set(this.uses.map(use => use.local));
  }

  /** Writes the instructions with the number that `numberOf` gives to each local. */
  write(out: ByteWriter, numberOf: (local: number) => number): void {
    const bytes = this.finish();
    let done = 0;
    for (const { at, local } of this.uses) {
      out.append(bytes.subarray(done, at));
      out.u32(numberOf(local));
      done = at;
    }
    out.append(bytes.subarray(done));
  }
}
