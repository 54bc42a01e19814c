/**
 * The control block of a program for several threads: i32 words in its memory, by index. Words that different threads
 * wait on lie 128 bytes apart, since processors fetch cache lines in pairs.
 */
export const CONTROL = {
  /** Counts the calls; idle workers wait for it to change. */
  call: 0,
  /** Workers that sleep until the next call. */
  idle: 32,
  /** Threads that have come to the present barrier. */
  arrived: 64,
  /** Counts barriers; who has arrived waits for it to change. */
  phase: 96,
  /** Threads that sleep at a barrier. */
  asleep: 128,
  /** Workers that have started. */
  ready: 160,
  /** Not 0: a thread has failed, or the network is closed; nobody waits any longer. */
  over: 192,
  /** The call: index of its function, number of threads, and the dims. */
  function: 224,
  threads: 225,
  dims: 226,
} as const;

/** Size of a control block for functions of so many dims: whole cache lines. */
export const controlBytes = (dims: number): number => Math.ceil((CONTROL.dims + dims) / 32) * 128;
