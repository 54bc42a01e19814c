import { type CompileOptions, compile, type Functions, type Net, type NumericMode, type Program } from "gradc";
import { Random } from "./random.ts";
import type { Tape } from "./tape.ts";

export interface LabOptions {
  readonly seed: number;
  readonly mode: NumericMode;
  readonly target?: "wasm" | "js";
  readonly threads: number;
  /** Where data lie that the project cannot bring along. */
  readonly data: string;
  readonly tape?: Tape;
  /** Hears how far a row is. */
  progress?(title: string, done: number, total: number): void;
}

/** What compiling and training took, for the table. */
export interface Costs {
  /** Values of parameters of the largest program. */
  parameters: number;
  compileMs: number;
  /** Calls of functions that update something, and their time. */
  steps: number;
  stepMs: number;
}

type Call = ((...feeds: unknown[]) => unknown) & { run(sizes?: unknown): void; inputs: object; outputs: object };

/** Where a row works: it compiles for the target that was asked for, counts and times steps, and shows progress. */
export class Lab {
  readonly seed: number;
  /** Random numbers of the host, from the seed. */
  readonly random: Random;
  /** Folder of data that the project cannot bring along. */
  readonly data: string;
  readonly costs: Costs = { parameters: 0, compileMs: 0, steps: 0, stepMs: 0 };
  readonly #options: LabOptions;
  readonly #nets: Net[] = [];

  constructor(options: LabOptions) {
    this.#options = options;
    this.seed = options.seed;
    this.random = new Random(options.seed);
    this.data = options.data;
  }

  /** compile() of gradc, with the lab's seed, mode, target and threads. The lab closes the net. */
  async compile<F extends Functions>(program: Program<F>, options: CompileOptions = {}): Promise<Net<F>> {
    const { mode, target, threads, seed, tape } = this.#options;
    const all = { seed, mode, threads, ...(target ? { target } : {}), ...options };
    this.#options.progress?.(`compiling ${program.name}`, 0, 1);
    const started = performance.now();
    const net = await compile(program, all);
    this.costs.compileMs += performance.now() - started;
    this.costs.parameters = Math.max(this.costs.parameters, parametersOf(program));
    const watched = this.#watched(program, tape ? tape.recorded(program, net, all) : net);
    this.#nets.push(watched as Net);
    return watched;
  }

  /**
   * How long it takes to compile a program, in seconds of the processor: the least of three times, for what else the
   * machine does only makes it longer. The networks are thrown away.
   */
  async secondsToCompile(program: Program<Functions>, options: CompileOptions = {}): Promise<number> {
    const { mode, target, seed, progress } = this.#options;
    const all = { seed, mode, ...(target ? { target } : {}), ...options };
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i++) {
      progress?.(`compiling ${program.name}`, i, 3);
      const started = { ms: performance.now(), processor: process.threadCpuUsage() };
      const net = await compile(program, all);
      const { user, system } = process.threadCpuUsage(started.processor);
      this.costs.compileMs += performance.now() - started.ms;
      net.close();
      least = Math.min(least, (user + system) / 1e6);
    }
    return least;
  }

  /** 0, 1, …, total − 1, with a progress bar. */
  *steps(total: number, title = "training"): Generator<number, void> {
    for (let step = 0; step < total; step++) {
      if (step % Math.ceil(total / 200) === 0) this.#options.progress?.(title, step, total);
      yield step;
    }
    this.#options.progress?.(title, total, total);
  }

  close(): void {
    for (const net of this.#nets) net.close();
  }

  /** The net, with functions that update something timed. */
  #watched<F extends Functions>(program: Program<F>, net: Net<F>): Net<F> {
    const timed: Record<string, unknown> = {};
    for (const fn of program.graph.functions) {
      const call = net[fn.name as keyof F] as unknown as Call | undefined;
      if (fn.updates.length === 0 || !call) continue;
      const time = <R>(body: () => R): R => {
        const started = performance.now();
        const result = body();
        this.costs.stepMs += performance.now() - started;
        this.costs.steps++;
        return result;
      };
      timed[fn.name] = Object.assign((...feeds: unknown[]) => time(() => call(...feeds)), {
        run: (sizes?: unknown) => time(() => call.run(sizes)),
        inputs: call.inputs,
        outputs: call.outputs,
      });
    }
    return { ...net, ...timed };
  }
}

/** How many numbers a program learns: its parameters', or its states' where a rule updates these alone. */
export function parametersOf(program: Program<Functions>): number {
  const count = (role: string): number =>
    program.graph.variables
      .filter(v => v.role === role)
      .reduce((sum, v) => sum + v.value.shape.reduce<number>((n, d) => n * Number(d), 1), 0);
  return count("param") || count("state");
}
