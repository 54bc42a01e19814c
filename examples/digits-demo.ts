// npm start: compiles digits.ts ahead of time, trains the emitted module on real digits and reports what happened.
// From the first training step on, everything runs in the emitted module alone.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { emit } from "gradc/aot";
import { gzipSize } from "../src/cli/compile-command.ts";
import { writeFileAtomic, writeFiles } from "../src/cli/files.ts";
import { progress } from "../src/cli/progress.ts";
import { type ReportSample, reportHtml } from "../src/inspect/report.ts";
import { inspectReport } from "../src/inspect.ts";
import digits from "./digits.ts";

const EPOCHS = 40;
const BATCH = 32;
const RATE = 0.006;
const SIDE = 8;
const PIXELS = SIDE * SIDE;
const seed = Number(process.env.SEED ?? 0);
const folder = fileURLToPath(new URL("../out/digits/", import.meta.url));

interface Rows {
  readonly x: Float32Array;
  readonly label: Int32Array;
}

/** What the emitted digits.d.ts says, as far as it is used here. */
interface Digits {
  train(inputs: Rows & { learningRate: number }): { loss: number };
  predict(inputs: { x: Float32Array }): { probabilities: Float32Array };
  save(options: { only: "params" }): Uint8Array;
}

const started = performance.now();
const files = await emit(digits, { target: "js" });
writeFiles(folder, files);
const module = (await import(`${pathToFileURL(join(folder, "digits.js")).href}?${Date.now()}`)) as {
  loadSync(options: { seed: number }): Digits;
};
const net = module.loadSync({ seed });
const compiled = performance.now();

const table = readFileSync(new URL("./data/digits.csv", import.meta.url), "utf8")
  .trim()
  .split("\n");
const rows = table.map(line => line.split(",").map(Number));
const train = rowsOf(rows.filter((_, i) => i % 5 !== 4));
const test = rowsOf(rows.filter((_, i) => i % 5 === 4));

function rowsOf(part: readonly number[][]): Rows {
  return {
    x: Float32Array.from(part.flatMap(row => row.slice(0, PIXELS).map(v => v / 16))),
    label: Int32Array.from(part, row => row[PIXELS]),
  };
}

/** Copies an image, moved by whole pixels; zeros come in. */
function copyShifted(from: Float32Array, to: Float32Array, at: number, dx: number, dy: number): void {
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const [y, x] = [row - dy, column - dx];
      const inside = y >= 0 && y < SIDE && x >= 0 && x < SIDE;
      to[at + row * SIDE + column] = inside ? from[y * SIDE + x] : 0;
    }
  }
}

/** −1, 0 or 1: two times out of three the image stays where it is. */
const shift = (): number => (random() < 2 / 3 ? 0 : random() < 0.5 ? -1 : 1);

/** The rows of a batch, in a given order; images move a little, so that the network learns shapes, not places. */
function batchOf(data: Rows, order: ArrayLike<number>, from: number): Rows {
  const size = Math.min(BATCH, order.length - from);
  const x = new Float32Array(size * PIXELS);
  const label = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const row = order[from + i];
    copyShifted(data.x.subarray(row * PIXELS, (row + 1) * PIXELS), x, i * PIXELS, shift(), shift());
    label[i] = data.label[row];
  }
  return { x, label };
}

/** The most probable class of every row, with its probability. */
function classify(data: Rows): { digit: number; probability: number }[] {
  const found: { digit: number; probability: number }[] = [];
  for (let from = 0; from < data.label.length; from += BATCH) {
    const { probabilities } = net.predict({ x: data.x.subarray(from * PIXELS, (from + BATCH) * PIXELS) });
    for (let at = 0; at < probabilities.length; at += 10) {
      const row = [...probabilities.subarray(at, at + 10)];
      const probability = Math.max(...row);
      found.push({ digit: row.indexOf(probability), probability });
    }
  }
  return found;
}

const accuracy = (data: Rows): number =>
  classify(data).filter((c, i) => c.digit === data.label[i]).length / data.label.length;

const order = Uint32Array.from(train.label, (_, i) => i);
let state = seed + 1;

/** A linear congruential generator in [0, 1): the same order in every run. */
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

function shuffle(): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
}

const percent = (x: number): string => `${(100 * x).toFixed(2)} %`;
const bar = progress("training", EPOCHS);
const epochs: { loss: number; train: number; test: number }[] = [];
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  shuffle();
  // Half a cosine: large steps first, small ones last.
  const learningRate = RATE * (0.5 + 0.5 * Math.cos((Math.PI * epoch) / EPOCHS));
  let loss = 0;
  for (let from = 0; from < order.length; from += BATCH) {
    const batch = batchOf(train, order, from);
    loss += (net.train({ ...batch, learningRate }).loss * batch.label.length) / order.length;
  }
  epochs.push({ loss, train: accuracy(train), test: accuracy(test) });
  bar.update(epoch + 1, `loss ${loss.toFixed(4)}  accuracy ${percent(epochs[epoch].test)}`);
}
bar.stop();
const trained = performance.now();

const verdicts = classify(test);
const samples = verdicts.map(
  (c, i): ReportSample => ({
    pixels: test.x.subarray(i * PIXELS, (i + 1) * PIXELS),
    width: 8,
    label: test.label[i],
    predicted: c.digit,
    confidence: c.probability,
  }),
);
const wrong = samples.filter(s => s.predicted !== s.label);
const right = samples.filter(s => s.predicted === s.label);
const final = epochs[EPOCHS - 1];
const moduleGzip = gzipSize(files.get("digits.js") ?? new Uint8Array());
const parameters = net.save({ only: "params" });
writeFileAtomic(join(folder, "digits.safetensors"), parameters);
const written = new Map([...files, ["digits.safetensors", parameters]]);

const report = reportHtml({
  ...inspectReport(digits, { of: "w1" }),
  title: "digits: trained by gradc",
  about:
    "A 64-128-10 network, compiled ahead of time to one JavaScript module and trained with it on 1,438 handwritten " +
    "digits; 359 others test it.",
  facts: [
    { name: "test accuracy", value: percent(final.test) },
    { name: "training loss", value: final.loss.toFixed(4) },
    { name: "module, gzip", value: `${(moduleGzip / 1024).toFixed(2)} KB` },
    { name: `training, ${EPOCHS} epochs`, value: `${((trained - compiled) / 1000).toFixed(2)} s` },
    { name: "compilation", value: `${((compiled - started) / 1000).toFixed(2)} s` },
  ],
  epochs,
  samples: [...wrong, ...right].slice(0, 48),
  files: [...written].map(([name, bytes]) => ({ name, bytes: bytes.length, gzip: gzipSize(bytes) })),
});
writeFileAtomic(join(folder, "report.html"), report);

const path = (name: string): string => relative(process.cwd(), join(folder, name));
console.log(
  `compiled in ${((compiled - started) / 1000).toFixed(2)} s, trained in ${((trained - compiled) / 1000).toFixed(2)} s`,
);
for (const name of [...written.keys(), "report.html"]) console.log(`  ${path(name)}`);
console.log(`test accuracy ${percent(final.test)} (${test.label.length - wrong.length} of ${test.label.length})`);
console.log(`module size ${(moduleGzip / 1024).toFixed(2)} KB gzip, training included`);
