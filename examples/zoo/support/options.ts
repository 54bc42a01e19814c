import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import type { NumericMode } from "gradc";

export interface Options {
  /** Numbers of rows. */
  readonly rows: readonly number[];
  readonly seeds: number;
  readonly seed: number;
  readonly threads: number;
  readonly mode: NumericMode;
  readonly target: "wasm" | "js";
  readonly data: string;
  readonly output: string;
  readonly gallery: boolean;
  readonly docs: boolean;
}

const whole =
  (least: number) =>
  (text: string): number => {
    const n = Number(text);
    if (text.trim() !== "" && Number.isInteger(n) && n >= least) return n;
    throw new InvalidArgumentError(`It has to be a whole number from ${least} on.`);
  };

const place = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Reads the command line. `known` are the rows that there are; exits with 2 where something is wrong. */
export function optionsOf(argv: readonly string[], known: readonly number[]): Options {
  const command = new Command("npm run zoo --")
    .description(
      "Compiles, trains and measures the networks of the zoo; prints a table and writes a page that shows them.",
    )
    .argument("[rows...]", "numbers of rows: 7, 07; all where there are none")
    .option("--seeds <n>", "train with so many seeds; it is the median that must meet a figure", whole(1), 1)
    .option("--seed <n>", "the first of them", whole(0), 0)
    .option("--threads <n>", "threads of a network", whole(1), availableParallelism())
    .addOption(
      new Option("--mode <mode>", "reproducible: the same bits everywhere")
        .choices(["fast", "reproducible"])
        .default("fast"),
    )
    .addOption(new Option("--target <target>", "what the kernels become").choices(["wasm", "js"]).default("wasm"))
    .option("--data <folder>", "where mnist10k and text lie", place("../shared/data"))
    .option("-o, --output <folder>", "where index.html and results.json go", place("out/zoo"))
    .option("--no-gallery", "figures alone: no page, no modules")
    .addOption(new Option("--docs", "write docs/zoo.md from this run of all rows").default(false))
    .addHelpText(
      "after",
      `
Examples:
  $ npm run zoo                    # all rows, then out/zoo/index.html
  $ npm run zoo -- 07 20           # two of them
  $ npm run zoo -- --seeds 5       # medians of five seeds
  $ npm run zoo -- --seeds 5 --docs

Exit codes: 0 every figure is met, 1 a figure is missed or a row failed, 2 wrong usage.`,
    )
    .showHelpAfterError("(npm run zoo -- --help shows what there is)")
    .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse([...argv]);
  const { seeds, docs, gallery, ...options } = command.opts<Omit<Options, "rows">>();
  const unknown = command.args.filter(text => !known.includes(Number(text)));
  if (unknown.length > 0) {
    command.error(`error: there is no row ${unknown.join(", ")}: rows are ${ranges(known)}`);
  }
  if (docs && command.args.length > 0) command.error("error: --docs is about all rows: leave the numbers out");
  if (docs && !gallery) command.error("error: --docs tells sizes of modules: leave --no-gallery out");
  const wanted = new Set(command.args.map(Number));
  return { ...options, seeds, docs, gallery, rows: wanted.size === 0 ? known : known.filter(n => wanted.has(n)) };
}

/** `1–3, 7`. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const n of numbers) {
    const last = runs.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}
