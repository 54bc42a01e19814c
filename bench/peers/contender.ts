import type { Feeds, Workload } from "../workloads/index.ts";
import type { HostTensor } from "./ops.ts";

/** Something that takes part in a race. */
export interface Racer {
  readonly name: string;
  /** Before a turn, untimed: makes the library's global settings this contender's, or begins anew. */
  enter?(): void;
  run(feed: number): void | Promise<void>;
}

/** One library at one workload. */
export interface Contender extends Racer {
  /**
   * What is timed. Training: one step on feeds number `feed`, which are arrays of the caller, with its loss read.
   * Inference: one evaluation of feeds 0, which the library already holds in its own form; the result is ready to be read.
   */
  run(feed: number): void | Promise<void>;
  /** The same with its result: the loss alone, or all elements of the output, row-major with channels last. */
  result(feed: number): Promise<ArrayLike<number>>;
}

/** What every contender starts from. */
export interface Start {
  readonly workload: Workload;
  /** Initial values of the parameters. */
  readonly weights: Readonly<Record<string, HostTensor>>;
  readonly feeds: readonly Feeds[];
}

export interface Library {
  readonly name: string;
  /** What has the same results; gradc's own contender unless told. */
  readonly like?: Library;
  /** @throws Error that says why, where the library cannot do the workload */
  start(start: Start): Promise<Contender>;
}
