import { availableParallelism } from "node:os";
import { compile, type Net } from "../src/index.ts";
import { THREAD_BARS } from "./bars.ts";
import { type Benchmark, callsFor, interleave, type Row } from "./measure.ts";
import { functionOf, SEED, WORKLOADS, type Workload } from "./workloads/index.ts";

type Call = { run(): void; readonly inputs: Readonly<Record<string, { set(values: ArrayLike<number>): void }>> };

/** The workload's function on several threads, its inputs in place. */
async function callOf(workload: Workload, threads: number): Promise<{ readonly net: Net; readonly run: () => void }> {
  const net = await compile(workload.declare(), { target: "wasm", seed: SEED, threads });
  const f = (net as unknown as Record<string, Call>)[functionOf(workload)];
  for (const [name, values] of Object.entries(workload.feeds(0))) f.inputs[name].set(values);
  return { net, run: () => f.run() };
}

const gainers: readonly string[] = THREAD_BARS.gainers;

async function measure(workload: Workload, counts: readonly number[], quick: boolean): Promise<Row[]> {
  const calls = await Promise.all(counts.map(n => callOf(workload, n)));
  const turns = calls.map(({ run }, i) => ({
    name: String(counts[i]),
    // The first weights again: what has learned its batch by heart computes with denormal numbers.
    enter: () => calls[i].net.reset(SEED),
    body: run,
    calls: callsFor(run, quick ? 0.005 : 0.05),
  }));
  const seconds = interleave(turns, quick ? 3 : 21);
  for (const { net } of calls) net.close();
  const of = (n: number): number => seconds.get(String(n)) ?? Number.NaN;
  return counts.slice(1).map((n): Row => {
    const row = { measure: `${workload.title}: 1 thread / ${n}`, value: of(1) / of(n), unit: "×" };
    if (n > 2) return row;
    return { ...row, bar: gainers.includes(workload.name) ? THREAD_BARS.gain : THREAD_BARS.loss };
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
