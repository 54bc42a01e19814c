/**
 * Runs benchmarks by name, all without a name, and writes bench/results.
 *   npm run bench
 *   node --conditions=source --expose-gc bench/main.ts step product
 *   node --conditions=source --expose-gc bench/main.ts --quick     few repeats, to see that all runs; writes nothing
 */

import { allocation } from "./allocation.ts";
import { compileSpeed } from "./compile.ts";
import { type Benchmark, met } from "./measure.ts";
import { productShare } from "./product.ts";
import { machine, markdown, type Section, save } from "./report.ts";
import { callSites } from "./sites.ts";
import { trainingStep } from "./step.ts";

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  compile: compileSpeed,
  step: trainingStep,
  allocation,
  product: productShare,
  sites: callSites,
};

const words = process.argv.slice(2);
const quick = words.includes("--quick");
const asked = words.filter(word => word !== "--quick");
const unknown = asked.filter(name => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(", ")}. There are: ${Object.keys(BENCHMARKS).join(", ")}.`);
  process.exit(2);
}

const sections: Record<string, Section> = {};
for (const name of asked.length > 0 ? asked : Object.keys(BENCHMARKS)) {
  const { title, run } = BENCHMARKS[name];
  const start = performance.now();
  const rows = await run({ quick });
  sections[name] = { title, machine: machine(), seconds: Math.round((performance.now() - start) / 1000), rows };
  console.log(`\n${markdown(sections[name])}`);
}
if (!quick) save(sections, Object.keys(BENCHMARKS));

const missed = Object.values(sections).flatMap(s => s.rows.filter(row => met(row) === false));
if (missed.length > 0) console.log(`\n${missed.length} of the bars are missed.`);
