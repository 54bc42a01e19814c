// npm run zoo [-- 07 20] [--seeds 5]: compiles, trains and shows the networks of the zoo.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import type { NumericMode } from "gradc";
import { progress } from "../../src/cli/progress.ts";
import { Lab } from "./support/lab.ts";
import { type Figure, meets } from "./support/row.ts";
import { loadRow, rowFiles } from "./support/rows.ts";

const count = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError("a whole number from 1 is needed");
  return n;
};

interface Options {
  readonly seeds: number;
  readonly seed: number;
  readonly threads: number;
  readonly mode: NumericMode;
  readonly target: "wasm" | "js";
  readonly data: string;
}

const command = new Command("zoo")
  .argument("[rows...]", "numbers of rows; all where there are none")
  .option("--seeds <n>", "train with so many seeds; figures are medians", count, 1)
  .option("--seed <n>", "the first seed", Number, 0)
  .option("--threads <n>", "threads of a network", count, availableParallelism())
  .option("--mode <mode>", "fast or reproducible", "fast")
  .option("--target <target>", "wasm or js", "wasm")
  .option(
    "--data <folder>",
    "where mnist10k and text lie",
    fileURLToPath(new URL("../../../shared/data", import.meta.url)),
  )
  .parse();
const options = command.opts<Options>();
const wanted = command.args.map(Number);

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const shown = (value: number, { unit }: Figure): string =>
  unit === "%" ? `${(100 * value).toFixed(2)} %` : `${Number(value.toPrecision(4))}${unit ? ` ${unit}` : ""}`;

let missed = 0;
for (const file of rowFiles()) {
  if (wanted.length > 0 && !wanted.includes(Number(file.slice(0, 2)))) continue;
  const row = await loadRow(file);
  const values = new Map<string, number[]>();
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const bar = progress(row.title, 100);
    const lab = new Lab({
      ...options,
      seed,
      progress: (title, done, total) => bar.update(Math.round((100 * done) / total), title),
    });
    const started = performance.now();
    const { figures } = await row.show(lab);
    const seconds = (performance.now() - started - lab.costs.compileMs) / 1000;
    lab.close();
    bar.stop();
    const { parameters, compileMs, steps, stepMs } = lab.costs;
    console.log(
      `${file.slice(0, 2)} ${row.title}, seed ${seed}: ${parameters} parameters, compiled in ${compileMs.toFixed(0)} ms, ` +
        `${((1000 * stepMs) / steps).toFixed(1)} µs a step, ${steps} steps, ${seconds.toFixed(2)} s`,
    );
    for (const [name, value] of Object.entries(figures)) {
      if (value !== undefined) values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  for (const [name, figure] of Object.entries(row.figures)) {
    const found = values.get(name);
    if (!found) {
      console.log(`   –      ${figure.what}: not measured${figure.needs ? `, ${figure.needs} is missing` : ""}`);
      continue;
    }
    const value = median(found);
    const good = meets(value, figure.bar);
    if (!good) missed++;
    const bar = `${figure.bar.kind === "atLeast" ? "≥" : "≤"} ${shown(figure.bar.value, figure)}`;
    console.log(`   ${good ? "met   " : "MISSED"} ${figure.what}: ${shown(value, figure)} (${bar})`);
  }
}
process.exitCode = missed > 0 ? 1 : 0;
