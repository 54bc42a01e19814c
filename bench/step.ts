import digits from "../examples/digits.ts";
import { compile } from "../src/index.ts";
import { type Batch, digitBatches } from "./digits-data.ts";
import { type Benchmark, callsFor, interleave, type Row } from "./measure.ts";
import { tfjsDigits } from "./tfjs-digits.ts";

type TrainStep = (batch: Batch) => number;

/** All contenders from the same weights. */
async function contenders(): Promise<Readonly<Record<string, TrainStep>>> {
  const js = await compile(digits, { target: "js", seed: 1 });
  const wasm = await compile(digits, { target: "wasm", seed: 1 });
  const { w1, b1, w2, b2 } = js.variables;
  const copy = (v: { get(): ArrayLike<number> }): Float32Array => Float32Array.from(v.get());
  const tfjs = await tfjsDigits({ w1: copy(w1), b1: copy(b1), w2: copy(w2), b2: copy(b2) });
  return { "gradc, wasm": b => wasm.train(b).loss, "gradc, js": b => js.train(b).loss, "tfjs, cpu": tfjs };
}

/** Trains side by side: equal losses from equal weights show that all compute the same step. */
function compareLosses(steps: Readonly<Record<string, TrainStep>>, batches: readonly Batch[]): number {
  let worst = 0;
  for (const batch of batches) {
    const losses = Object.values(steps).map(step => step(batch));
    const difference = (Math.max(...losses) - Math.min(...losses)) / Math.max(...losses);
    if (!(difference < 1e-3)) throw new Error(`the losses differ: ${losses.join(", ")}`);
    worst = Math.max(worst, difference);
  }
  return worst;
}

async function measure(size: number, quick: boolean): Promise<Row[]> {
  const steps = await contenders();
  const batches = digitBatches(size, 20);
  const difference = compareLosses(steps, batches);
  const turn = quick ? 0.01 : 0.1;
  const entries = Object.entries(steps).map(([name, step]) => {
    let next = 0;
    const body = (): void => {
      step(batches[next++ % batches.length]);
    };
    return { name, body, calls: callsFor(body, turn) };
  });
  const seconds = interleave(entries, quick ? 3 : 31);
  const of = (name: string): number => seconds.get(name) ?? Number.NaN;
  const row = (measure: string, value: number, unit: string): Row => ({
    measure: `batch ${size}: ${measure}`,
    value,
    unit,
  });
  const bar = { sense: "at least", limit: 10 } as const;
  return [
    ...Object.keys(steps).map(name => row(name, of(name) * 1e6, "µs a step")),
    { ...row("tfjs / gradc, wasm", of("tfjs, cpu") / of("gradc, wasm"), "×"), bar },
    { ...row("tfjs / gradc, js", of("tfjs, cpu") / of("gradc, js"), "×"), bar },
    row("largest relative difference of losses over 20 steps", difference, ""),
  ];
}

/** One training step of the digits network, inputs copied in and the loss read out. */
export const trainingStep: Benchmark = {
  title: "Training step of the digits network (64-128-10, Adam)",
  async run({ quick }) {
    return [...(await measure(32, quick)), ...(await measure(64, quick))];
  },
};
