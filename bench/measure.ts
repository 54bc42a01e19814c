export interface Bar {
  readonly sense: "at most" | "at least" | "under";
  readonly limit: number;
}

/** One figure, and the bar it has to meet, if any. */
export interface Figure {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly bar?: Bar;
  /** Whose time this is, in µs a call: the chart draws it. */
  readonly contender?: string;
}

/** What could not be measured, and why. */
export interface Refusal {
  readonly measure: string;
  readonly cannot: string;
}

export type Row = Figure | Refusal;

/** How much to repeat: everything is divided by about ten for a trial run. */
export interface Effort {
  readonly quick: boolean;
}

/** One benchmark: `main.ts` runs it by name. */
export interface Benchmark {
  readonly title: string;
  run(effort: Effort): Promise<readonly Row[]>;
}

/** @returns undefined without a bar */
export function met(row: Row): boolean | undefined {
  if ("cannot" in row || !row.bar) return undefined;
  const { value, bar } = row;
  if (bar.sense === "at least") return value >= bar.limit;
  return bar.sense === "under" ? value < bar.limit : value <= bar.limit;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Something to be timed: `body` is called `calls` times in a row. */
export interface Contender {
  readonly name: string;
  readonly calls: number;
  /** Before a turn, untimed. */
  enter?(): void;
  body(): void;
}

/**
 * Seconds per call: the median over rounds. In each round every contender has its turn, so that what else the machine
 * does meets all of them alike; the first rounds warm up and do not count.
 */
export function interleave(contenders: readonly Contender[], rounds: number, warmUp = 3): ReadonlyMap<string, number> {
  const times = new Map(contenders.map(c => [c.name, [] as number[]]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const contender of contenders) {
      const seconds = turn(contender);
      if (round >= 0) times.get(contender.name)?.push(seconds);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

/** @returns seconds per call */
export function turn({ calls, enter, body }: Contender): number {
  enter?.();
  const start = performance.now();
  for (let i = 0; i < calls; i++) body();
  return (performance.now() - start) / 1000 / calls;
}

/** Calls for a turn of about `seconds`. */
export function callsFor(body: () => void, seconds: number): number {
  for (let calls = 1; ; calls *= 2) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) body();
    const taken = (performance.now() - start) / 1000;
    if (taken >= seconds / 2) return Math.max(1, Math.round((calls * seconds) / taken));
  }
}
