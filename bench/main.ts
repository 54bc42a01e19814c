/**
 * Runs benchmarks by name, all without a name, and writes bench/results. Each has a process of its own: neither garbage
 * nor optimised code of one meets the next.
 *   npm run bench
 *   node --conditions=source --expose-gc bench/main.ts step product
 *   npm run bench -- mlp            one workload: gradc and its peers
 *   node --conditions=source --expose-gc bench/main.ts --quick     few repeats, to see that all runs; writes nothing
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { allocation } from "./allocation.ts";
import { comparison } from "./compare.ts";
import { compileSpeed } from "./compile.ts";
import { compileWasm } from "./compile-wasm.ts";
import { gradbench } from "./gradbench.ts";
import { loops } from "./loops.ts";
import { type Benchmark, met } from "./measure.ts";
import { productShare } from "./product.ts";
import { machine, markdown, type Section, save } from "./report.ts";
import { roofline } from "./roofline.ts";
import { callSites } from "./sites.ts";
import { trainingStep } from "./step.ts";
import { threadGain } from "./threads.ts";
import { WORKLOADS } from "./workloads/index.ts";

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  compile: compileSpeed,
  "compile-wasm": compileWasm,
  step: trainingStep,
  allocation,
  product: productShare,
  sites: callSites,
  roofline,
  threads: threadGain,
  loops,
  gradbench,
  ...Object.fromEntries(WORKLOADS.map(w => [w.name, comparison(w)])),
};

const words = process.argv.slice(2);
const quick = words.includes("--quick");
const asked = words.filter(word => word !== "--quick");
const unknown = asked.filter(name => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(", ")}. There are: ${Object.keys(BENCHMARKS).join(", ")}.`);
  process.exit(2);
}

/** Runs one benchmark here. */
async function runHere(name: string): Promise<void> {
  const { title, run } = BENCHMARKS[name];
  const start = performance.now();
  const rows = await run({ quick });
  const seconds = Math.round((performance.now() - start) / 1000);
  const section: Section = { title, machine: machine(), seconds, rows };
  const missed = rows.filter(row => met(row) === false).length;
  console.log(`\n${markdown(section)}${missed > 0 ? `\n\nBars missed: ${missed}.` : ""}`);
  if (!quick) save({ [name]: section }, Object.keys(BENCHMARKS));
}

/** @returns whether it ran to its end */
function runApart(name: string): boolean {
  const main = fileURLToPath(import.meta.url);
  const args = [...process.execArgv, main, name, ...(quick ? ["--quick"] : [])];
  return spawnSync(process.execPath, args, { stdio: "inherit" }).status === 0;
}

if (asked.length === 1) await runHere(asked[0]);
else {
  const failed = (asked.length > 0 ? asked : Object.keys(BENCHMARKS)).filter(name => !runApart(name));
  if (failed.length > 0) {
    console.error(`\nFailed: ${failed.join(", ")}.`);
    process.exitCode = 1;
  }
}
