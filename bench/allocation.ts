import { GCProfiler } from "node:v8";
import digits from "../examples/digits.ts";
import { compile } from "../src/index.ts";
import { digitBatches } from "./digits-data.ts";
import type { Benchmark, Row } from "./measure.ts";

/** Below this, what is left is the engine's own: feedback, optimised code, the measurement itself. */
const NOISE = 1;

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

/** Bytes allocated per call: what the heap grew by, and what collections in between took away. */
function bytesPerCall(body: () => unknown, calls: number): number {
  for (let i = 0; i < calls; i++) sink.result = body();
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

/** Bytes per training call with inputs that exist already. */
export const allocation: Benchmark = {
  title: "Allocation of a training step",
  async run({ quick }) {
    const calls = quick ? 1_000 : 10_000;
    const [batch] = digitBatches(32, 1);
    const inputs = { x: batch.x, label: batch.label };
    const sizes = { B: 32 };
    const result = bytesPerCall(bareResult(new Float32Array(1).fill(0.1)), calls);
    const rows: Row[] = [{ measure: "the result object alone", value: result, unit: "bytes" }];
    for (const target of ["js", "wasm"] as const) {
      const net = await compile(digits, { target });
      const train = bytesPerCall(() => net.train(inputs), calls);
      net.train.inputs.x.set(batch.x);
      net.train.inputs.label.set(batch.label);
      const run = bytesPerCall(() => net.train.run(sizes), calls);
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
