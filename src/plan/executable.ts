/** A running instance of a lowered program: one memory and its functions. */
export interface Executable {
  readonly memory: ArrayBufferLike;
  /** Calls a plan function with the values of its dims, in order. */
  readonly functions: Readonly<Record<string, (...dims: number[]) => void>>;
  /** Ends what runs besides the caller. */
  close?(): void;
}
