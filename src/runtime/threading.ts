import { fail as plainFail } from "./errors.ts";
import { createPool, type Pool, type PoolLayout, warnAlone, withoutThreads } from "./pool.ts";
import { checkThreadCount } from "./thread-count.ts";

/** What emitted modules for several threads carry. */
export const threading = {
  /** How many of the threads that are asked for this host has: all, or one, which it says. */
  usable(name: string, threads = 1): number {
    checkThreadCount(name, threads, plainFail);
    const reason = threads > 1 ? withoutThreads() : undefined;
    if (reason === undefined) return threads;
    warnAlone(name, reason);
    return 1;
  },
  /** @param shared the module takes a memory that can be shared */
  createPool: (module: WebAssembly.Module, layout: PoolLayout, threads: number, shared: boolean): Pool =>
    createPool(module, layout, threads, plainFail, shared),
};
