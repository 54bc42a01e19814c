import { lower } from "../src/compile.ts";
import { compileSync } from "../src/index.ts";
import { TARGETS } from "../src/targets.ts";
import { type Benchmark, type Contender, callsFor, interleave, type Row } from "./measure.ts";
import { SEED } from "./workloads/index.ts";
import { declareLstm, type Loop, lstm } from "./workloads/lstm.ts";

const LOOPS: readonly Loop[] = ["scan", "unrolled"];
const SHORT = 32;
const LONG = 1024;

/** A call of the network's training step with its inputs in place. */
function contender(loop: Loop, quick: boolean): Contender {
  const net = compileSync(declareLstm(loop), { target: "wasm", seed: SEED });
  const { train } = net as unknown as Record<string, { run(): void; readonly inputs: Record<string, Int32Array> }>;
  for (const [name, values] of Object.entries(lstm.feeds(0))) train.inputs[name].set(values as Int32Array);
  const body = (): void => train.run();
  return { name: loop, body, enter: () => net.reset(SEED), calls: callsFor(body, quick ? 0.01 : 0.1) };
}

/** Milliseconds from declaring a loop of so many steps to its plan: the fastest of several. */
function compileTime(steps: number, quick: boolean): number {
  const times = Array.from({ length: quick ? 2 : 8 }, () => {
    const start = performance.now();
    lower(declareLstm("scan", steps).graph, TARGETS.wasm, "fast");
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** A loop against the same steps one by one, and what a longer loop costs to compile. */
export const loops: Benchmark = {
  title: "Loops: the char LSTM scanned and unrolled",
  async run({ quick }) {
    const times = interleave(
      LOOPS.map(loop => contender(loop, quick)),
      quick ? 3 : 21,
    );
    const of = (loop: Loop): number => times.get(loop) ?? Number.NaN;
    const rows: Row[] = LOOPS.map(loop => ({ measure: `a step, ${loop}`, value: 1e3 * of(loop), unit: "ms" }));
    const limit = 1.15;
    rows.push({
      measure: "scan / unrolled",
      value: of("scan") / of("unrolled"),
      unit: "×",
      bar: { sense: "at most", limit },
    });
    const [short, long] = [SHORT, LONG].map(steps => compileTime(steps, quick));
    rows.push({ measure: `compiling ${SHORT} steps`, value: short, unit: "ms" });
    rows.push({ measure: `compiling ${LONG} steps`, value: long, unit: "ms" });
    return rows;
  },
};
