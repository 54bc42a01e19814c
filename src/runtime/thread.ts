import { CONTROL } from "../shared/control.ts";

/** What a worker thread is given. */
export interface Task {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Byte offset of the control block. */
  readonly control: number;
  /** Its number, from 1 on; the caller is thread 0. */
  readonly thread: number;
}

/** Looks for the next call before the worker goes to sleep: some tenths of a millisecond, since waking takes longer. */
const SPINS = 200_000;

/**
 * The whole program of a worker: scripts/generate-runtime.ts makes the text of thread.generated.ts from this file. It
 * runs its part of every call, and in between waits for the next.
 */
function serve({ module, memory, control, thread }: Task, started: () => void): void {
  const words = new Int32Array(memory.buffer, control);
  const give = (word: number, by: number): number => Atomics.add(words, word, by);
  /** Until the word has another value; false where nothing is to be waited for any more. */
  const sleep = (word: number, value: number, sleepers: number): boolean => {
    give(sleepers, 1);
    while (Atomics.load(words, word) === value && !Atomics.load(words, CONTROL.over)) Atomics.wait(words, word, value);
    give(sleepers, -1);
    return Atomics.load(words, word) !== value;
  };
  const stall = (phase: number): void => {
    if (!sleep(CONTROL.phase, phase, CONTROL.asleep)) throw Error("another thread has failed");
  };
  const { run } = new WebAssembly.Instance(module, { gradc: { memory, stall } }).exports as {
    readonly run: (thread: number) => void;
  };
  give(CONTROL.ready, 1);
  started();
  for (let calls = 0; ; ) {
    let spins = SPINS;
    while (Atomics.load(words, CONTROL.call) === calls && --spins);
    if (!spins && !sleep(CONTROL.call, calls, CONTROL.idle)) return;
    // The next call cannot begin before this thread has done its part of this one.
    calls = Atomics.load(words, CONTROL.call);
    try {
      run(thread);
    } catch (cause) {
      Atomics.store(words, CONTROL.over, 1);
      Atomics.notify(words, CONTROL.phase);
      throw cause;
    }
  }
}

const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node) serve(node.workerData, () => node.parentPort?.postMessage(0));
else addEventListener("message", (event: MessageEvent<Task>) => serve(event.data, () => postMessage(0)));
