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
const MOST_ROUNDS = 60;
/** A median of fewer says nothing. */
const FEWEST = 5;

/** A workload and arithmetic, on one of the numbers of threads. */
interface Pair {
  readonly threads: number;
  readonly workload: Contender;
  readonly arithmetic: Contender;
}

/**
 * One round: how many times as long the workload takes on one thread; undefined where processors were missing. Between
 * turns on several threads stands one on one: workers of the one before have to sleep, or they hold the processor.
 */
function gainOf(one: Pair, several: Pair): number | undefined {
  const before = turn(several.arithmetic);
  const alone = turn(one.workload);
  const together = turn(several.workload);
  const arithmetic = turn(one.arithmetic);
  const after = turn(several.arithmetic);
  return arithmetic / Math.max(before, after) >= LENT * several.threads ? alone / together : undefined;
}

/**
 * One workload on several numbers of threads. What a virtual machine calls two processors may for a while be two halves of
 * one: before and after its turn, arithmetic that nothing holds up shows whether they are there, and only then it counts.
 */
async function measure(workload: Workload, counts: readonly number[], quick: boolean): Promise<Row[]> {
  const feeds = workload.feeds(0);
  const zeros = { x: new Float32Array(ELEMENTS) };
  const nets: Net[] = [];
  const contender = async (declared: Program, fn: string, given: Feeds, threads: number, seconds: number) => {
    const { net, run } = await callOf(declared, fn, given, threads);
    nets.push(net);
    const calls = callsFor(run, quick ? seconds / 10 : seconds);
    // The first weights again: what has learned its batch by heart computes with denormal numbers. Then workers wake.
    const enter = (): void => {
      net.reset(SEED);
      for (let i = 0; i < calls / 8; i++) run();
    };
    return { name: fn, enter, body: run, calls };
  };
  const pairOf = async (threads: number): Promise<Pair> => ({
    threads,
    workload: await contender(workload.declare(), functionOf(workload), feeds, threads, 0.05),
    arithmetic: await contender(arithmetic(), "run", zeros, threads, 0.01),
  });
  const one = await pairOf(1);
  const rows: Row[] = [];
  for (const threads of counts.slice(1)) {
    const several = await pairOf(threads);
    const gains: number[] = [];
    const [enough, most, fewest] = quick ? [2, 3, 1] : [ROUNDS, MOST_ROUNDS, FEWEST];
    let round = 0;
    for (; round < most && gains.length < enough; round++) {
      const gain = gainOf(one, several);
      if (gain !== undefined) gains.push(gain);
    }
    const title = `${workload.title}: 1 thread / ${threads}`;
    const bar = gainers.includes(workload.name) ? THREAD_BARS.gain : THREAD_BARS.loss;
    const row = { measure: `${title} (${gains.length} of ${round} rounds)`, value: median(gains), unit: "×" };
    const there = `${gains.length} of ${round} rounds had ${threads} processors`;
    if (gains.length < fewest) rows.push({ measure: title, cannot: there });
    else rows.push(threads > 2 ? row : { ...row, bar });
  }
  for (const net of nets) net.close();
  return rows;
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
