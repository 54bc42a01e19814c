import type { Program } from "../../src/index.ts";
import type { KERNEL_BARS } from "../bars.ts";

/** A program with the one function `run`, which should be one kernel. */
export interface KernelCase {
  readonly name: string;
  readonly bar?: keyof typeof KERNEL_BARS;
  declare(): Program;
  /** Two for a multiply-add. */
  readonly flops: number;
  /** Contractions are held to the peak, what is done element by element to the roofline. */
  readonly against: "peak" | "roofline";
  /** The part of the lanes that can hold something, where that is less than all. */
  readonly lanes?: number;
}
