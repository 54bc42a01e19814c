import { CONTROL } from "../shared/control.ts";
import type { Fail } from "./errors.ts";
import type { Executable } from "./net.ts";
import { THREAD_SCRIPT } from "./thread.generated.ts";
import type { Task } from "./thread.ts";

/** What the runtime needs to know of a WebAssembly module for several threads. */
export interface PoolLayout {
  /** Of the program, for messages. */
  readonly name: string;
  /** Byte offsets of the control block and of the copies of private buffers, and the size of one thread's copies. */
  readonly control: number;
  readonly mirrors: number;
  readonly stride: number;
  /** By number: the name, and whether all threads run it. */
  readonly functions: readonly (readonly [name: string, parallel: boolean])[];
}

export interface Pool extends Executable {
  /** Settled when the workers have started, or one could not. */
  readonly ready: Promise<void>;
  /** Ends the workers. */
  close(): void;
}

/** How often the caller looks for workers that are as long at work as it was itself. A look takes 100 ms at most. */
const LOOKS = 50;
const LOOK_MS = 100;
const PAGE_BYTES = 65536;

const nodeThreads = () => globalThis.process?.getBuiltinModule?.("node:worker_threads");

/** Why this host has no threads to share a memory with; undefined where it has. */
export function withoutThreads(): string | undefined {
  if (globalThis.crossOriginIsolated === false) {
    return "the page is not cross-origin isolated (serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp)";
  }
  const workers = globalThis.Worker ?? nodeThreads();
  return workers && globalThis.SharedArrayBuffer ? undefined : "this host has no workers that share memory";
}

export const warnAlone = (name: string, reason: unknown): void =>
  console.warn(`gradc: ${name} runs on one thread: ${reason}`);

/**
 * Code that the caller and `threads` − 1 workers run together. The workers start at once; until all have started, and
 * for good where one cannot, the caller does everything, with the same results.
 * @param shared the module takes a memory that can be shared; always, where it is for more than one thread
 */
export function createPool(
  module: WebAssembly.Module,
  layout: PoolLayout,
  threads: number,
  fail: Fail,
  shared = true,
): Pool {
  const { name, control, mirrors, stride } = layout;
  const pages = Math.ceil((mirrors + (threads - 1) * stride) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  const words = new Int32Array(memory.buffer, control);
  const workers: (() => void)[] = [];
  let alone = false;
  /** What has become of a worker. */
  let lost = "";
  /** When the present call began: in an array, since a variable of numbers with fractions allocates each of them. */
  const began = new Float64Array(1);

  /** Lets nobody wait any longer. */
  const release = (): void => {
    Atomics.store(words, CONTROL.over, 1);
    for (const word of [CONTROL.phase, CONTROL.call]) Atomics.notify(words, word);
  };
  const close = (): void => {
    alone = true;
    release();
    for (const end of workers.splice(0)) end();
  };
  const failure = (): Error => fail("thread", `${name} has lost a worker thread: ${lost}`);
  const abandon = (reason: string): void => {
    lost ||= reason;
    release();
  };
  /** Waits at a barrier that does not open at once; called by the module. */
  const stall = (phase: number): void => {
    // The others have to do about as much as this thread has done. Looks are counted, not time: the machine may be put
    // to sleep meanwhile.
    let looks = LOOKS + (10 * (performance.now() - began[0])) / LOOK_MS;
    Atomics.add(words, CONTROL.asleep, 1);
    while (Atomics.load(words, CONTROL.phase) === phase && !Atomics.load(words, CONTROL.over) && looks > 0) {
      looks -= look(words, CONTROL.phase, phase);
    }
    Atomics.sub(words, CONTROL.asleep, 1);
    if (Atomics.load(words, CONTROL.phase) !== phase) return;
    abandon(looks > 0 ? "it failed" : "it does not answer");
    throw failure();
  };
  const { exports } = new WebAssembly.Instance(module, { gradc: { memory, stall } });
  const code = exports as Readonly<Record<string, (...args: number[]) => void>>;

  /** Runs a function on all threads, or on the caller alone while they are starting. */
  const call = (number: number, dims: readonly number[]): void => {
    const all = !alone && Atomics.load(words, CONTROL.ready) === threads - 1;
    if (all && lost) throw failure();
    words[CONTROL.function] = number;
    words[CONTROL.threads] = all ? threads : 1;
    for (let i = 0; i < dims.length; i++) words[CONTROL.dims + i] = dims[i];
    if (all) {
      began[0] = performance.now();
      Atomics.add(words, CONTROL.call, 1);
      if (Atomics.load(words, CONTROL.idle)) Atomics.notify(words, CONTROL.call);
    }
    try {
      code.run(0);
    } catch (cause) {
      abandon("the call ended early");
      throw cause;
    }
  };
  const functions: Record<string, (...dims: number[]) => void> = {};
  layout.functions.forEach(([f, parallel], number) => {
    functions[f] = parallel ? (...dims) => call(number, dims) : code[number];
  });
  code.init();

  const start = (thread: number): Promise<void> =>
    new Promise((ready, refused) => {
      const ended = (reason: string): void => {
        lost ||= reason;
        refused(reason);
      };
      workers.push(hire({ module, memory, control, thread }, ready, ended));
    });
  const started = Array.from({ length: threads - 1 }, (_, i) => start(i + 1));
  const ready = Promise.all(started).then(
    () => undefined,
    reason => {
      // Unless it was closed meanwhile.
      if (!alone) warnAlone(name, reason);
      close();
    },
  );
  return { memory: memory.buffer, functions, ready, close };
}

/** Waits for a change of a word, at most so long. Returns what part of a look that was. */
function look(words: Int32Array<ArrayBufferLike>, word: number, value: number): number {
  try {
    return Atomics.wait(words, word, value, LOOK_MS) === "timed-out" ? 1 : 0;
  } catch {
    // The main thread of a page may not sleep.
    const from = performance.now();
    for (let i = 0; i < 10_000; i++) if (Atomics.load(words, word) !== value) return 0;
    return Math.min(1, (performance.now() - from) / LOOK_MS);
  }
}

/** Starts a worker, in Node or in a page; once it has started it keeps no process alive. Returns what ends it. */
function hire(task: Task, ready: () => void, ended: (reason: string) => void): () => void {
  const node = nodeThreads();
  if (node) {
    const worker = new node.Worker(THREAD_SCRIPT, { eval: true, workerData: task, execArgv: [] });
    worker.on("message", () => {
      worker.unref();
      ready();
    });
    worker.on("error", error => ended(String(error)));
    worker.on("exit", code => ended(`it ended with code ${code}`));
    return () => void worker.terminate();
  }
  const url = URL.createObjectURL(new Blob([THREAD_SCRIPT], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = () => {
    URL.revokeObjectURL(url);
    ready();
  };
  worker.onerror = event => {
    event.preventDefault();
    ended(event.message || "workers cannot be started from blob: URLs");
  };
  worker.postMessage(task);
  return () => worker.terminate();
}
