import { availableParallelism } from "node:os";
import { compile, exp, input, mul, type Net, type Program, program, type Tensor } from "../src/index.ts";
import { THREAD_BARS } from "./bars.ts";
import { type Benchmark, type Contender, callsFor, median, type Row, turn } from "./measure.ts";
import { functionOf, SEED, WORKLOADS, type Workload } from "./workloads/index.ts";

type Call = { run(): void; readonly inputs: Readonly<Record<string, { set(values: ArrayLike<number>): void }>> };

interface Runner {
  readonly net: Net;
  readonly run: () => void;
}

/** A function on several threads, its inputs in place. */
async function callOf(declared: Program, fn: string, feeds: Feeds, threads: number): Promise<Runner> {
  const net = await compile(declared, { target: "wasm", seed: SEED, threads });
  const f = (net as unknown as Record<string, Call>)[fn];
  for (const [name, values] of Object.entries(feeds)) f.inputs[name].set(values);
  return { net, run: () => f.run() };
}

type Feeds = Readonly<Record<string, ArrayLike<number>>>;

/** Exponentials of exponentials: arithmetic that two threads share evenly, over what fits in a cache. */
function arithmetic(): Program {
  const x = input("x", [ELEMENTS]);
  let y: Tensor<"f32"> = x;
  for (let i = 0; i < 8; i++) y = exp(mul(y, -0.5));
  return program("arithmetic", { run: { inputs: [x], outputs: { y } } });
}

const ELEMENTS = 2 ** 16;

const gainers: readonly string[] = THREAD_BARS.gainers;

/** What arithmetic alone has to gain for a round to count: else the host has not lent as many processors. */
const LENT = 0.92;
const ROUNDS = 15;
const MOST_ROUNDS = 40;

/** Rounds of turns: how many times as long each contender takes on one thread as on the others. */
function gains(contenders: readonly Timed[], counts: readonly number[]): Map<number, number> {
  const seconds = contenders.map(turn);
  const of = (kind: Timed["kind"], threads: number): number =>
    seconds[contenders.findIndex(c => c.kind === kind && c.threads === threads)];
  const gain = (kind: Timed["kind"], n: number): number => of(kind, 1) / of(kind, n);
  return new Map(
    counts
      .slice(1)
      .filter(n => gain("arithmetic", n) >= LENT * n)
      .map(n => [n, gain("workload", n)]),
  );
}

interface Timed extends Contender {
  readonly kind: "workload" | "arithmetic";
  readonly threads: number;
}

/**
 * One workload on several numbers of threads. What a virtual machine calls two processors may for a while be two halves of
 * one: in each round arithmetic that nothing holds up shows whether they are there, and only then it counts.
 */
async function measure(workload: Workload, counts: readonly number[], quick: boolean): Promise<Row[]> {
  const feeds = workload.feeds(0);
  const calls = await Promise.all(counts.map(n => callOf(workload.declare(), functionOf(workload), feeds, n)));
  const zeros = { x: new Float32Array(ELEMENTS) };
  const probes = await Promise.all(counts.map(n => callOf(arithmetic(), "run", zeros, n)));
  const timed = (kind: Timed["kind"], { net, run }: Runner, i: number, length: number): Timed => ({
    kind,
    threads: counts[i],
    name: `${kind} ${counts[i]}`,
    // The first weights again: what has learned its batch by heart computes with denormal numbers.
    enter: () => net.reset(SEED),
    body: run,
    calls: callsFor(run, quick ? length / 10 : length),
  });
  const contenders = [
    ...calls.map((x, i) => timed("workload", x, i, 0.05)),
    ...probes.map((x, i) => timed("arithmetic", x, i, 0.02)),
  ];
  const found = new Map(counts.slice(1).map(n => [n, [] as number[]]));
  const [enough, most] = quick ? [2, 3] : [ROUNDS, MOST_ROUNDS];
  let round = 0;
  for (; round < most && [...found.values()].some(x => x.length < enough); round++) {
    for (const [n, gain] of gains(contenders, counts)) found.get(n)?.push(gain);
  }
  for (const { net } of [...calls, ...probes]) net.close();
  return [...found].map(([n, gains]): Row => {
    const measure = `${workload.title}: 1 thread / ${n}`;
    if (gains.length === 0) return { measure, cannot: `in none of ${round} rounds ${n} processors were there` };
    const bar = gainers.includes(workload.name) ? THREAD_BARS.gain : THREAD_BARS.loss;
    const row = { measure: `${measure} (${gains.length} of ${round} rounds)`, value: median(gains), unit: "×" };
    return n > 2 ? row : { ...row, bar };
  });
}

/** How much faster two threads (and four, where there are as many processors) are than one. */
export const threadGain: Benchmark = {
  title: "Several threads against one",
  async run({ quick }) {
    const processors = availableParallelism();
    if (processors < 2) return [{ measure: "several threads", cannot: "this machine has one processor" }];
    const counts = processors < 4 ? [1, 2] : [1, 2, 4];
    const rows: Row[] = [];
    for (const workload of WORKLOADS) rows.push(...(await measure(workload, counts, quick)));
    return rows;
  },
};
