import { GCProfiler } from "node:v8";
import digits from "../examples/digits.ts";
import { compile } from "../src/index.ts";
import { type Batch, digitBatches } from "./digits-data.ts";
import { type Benchmark, median, type Row } from "./measure.ts";

/** The engine's own, in bytes a call: feedback, optimised code. The smallest thing that a call can allocate has 16. */
const NOISE = 4;
/** The engine's own comes and goes, what a call allocates stays: the median of some passes is taken. */
const PASSES = 5;
/** So small a function is optimised only after many calls; until then it makes more numbers on the heap. */
const WARM_UP_BARE = 500_000;
/** What a call allocates does not depend on its batch. */
const BATCH = 8;

/** Where results go, so that none is optimised away. */
const sink: { result: unknown } = { result: undefined };

function collect(): void {
  if (typeof globalThis.gc !== "function") throw new Error("run node with --expose-gc");
  globalThis.gc();
}

const used = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

function bytesPerCall(body: () => unknown, calls: number, warmUp: number): number {
  for (let i = 0; i < warmUp; i++) sink.result = body();
  return median(Array.from({ length: PASSES }, () => onePass(body, calls)));
}

/** Bytes allocated per call: what the heap grew by, and what collections in between took away. */
function onePass(body: () => unknown, calls: number): number {
  collect();
  const profiler = new GCProfiler();
  profiler.start();
  const before = used();
  for (let i = 0; i < calls; i++) sink.result = body();
  const after = used();
  const freed = profiler
    .stop()
    .statistics.reduce(
      (sum, { beforeGC, afterGC }) => sum + beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
      0,
    );
  return (after - before + freed) / calls;
}

/** The bare result of a call, made the way a net makes it: an empty object that a name is added to. */
function bareResult(values: Float32Array): () => unknown {
  const names = ["loss"];
  return () => {
    const result: Record<string, number> = {};
    for (let i = 0; i < names.length; i++) result[names[i]] = values[i];
    return result;
  };
}

/** One image with another label each time: it cannot be learnt, or the loss would become 0, which is no heap number. */
function contradiction(): Batch {
  const [{ x }] = digitBatches(1, 1);
  return {
    x: Float32Array.from({ length: BATCH * x.length }, (_, i) => x[i % x.length]),
    label: Int32Array.from({ length: BATCH }, (_, i) => i),
  };
}

/** Bytes per training call with inputs that exist already. */
export const allocation: Benchmark = {
  title: "Allocation of a training step",
  async run({ quick }) {
    const calls = quick ? 1_000 : 10_000;
    const inputs = contradiction();
    const sizes = { B: BATCH };
    const result = bytesPerCall(bareResult(new Float32Array(1).fill(0.1)), calls, WARM_UP_BARE);
    const rows: Row[] = [{ measure: "the result object alone", value: result, unit: "bytes" }];
    for (const target of ["js", "wasm"] as const) {
      const net = await compile(digits, { target });
      const train = bytesPerCall(() => net.train(inputs), calls, calls);
      net.train.inputs.x.set(inputs.x);
      net.train.inputs.label.set(inputs.label);
      const run = bytesPerCall(() => net.train.run(sizes), calls, calls);
      rows.push(
        {
          measure: `${target}: train({ x, label })`,
          value: train,
          unit: "bytes a call",
          bar: { sense: "at most", limit: Math.ceil(result) + NOISE },
        },
        {
          measure: `${target}: train.run()`,
          value: run,
          unit: "bytes a call",
          bar: { sense: "at most", limit: NOISE },
        },
      );
    }
    return rows;
  },
};
