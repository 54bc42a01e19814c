import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";

/**
 * What takes too long for every change: many more random graphs and programs, long trainings compared bit for bit, and
 * emitted modules on every Node that is supported. The seed is the day's (GRADC_SEED repeats one that failed).
 */
const DAY = 86_400_000;
const NODES = [20, 22, 24];
const HOME = "out/nodes";

function run(command: string, args: readonly string[], settings: NodeJS.ProcessEnv = {}): void {
  // What the caller sets counts.
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...settings, ...process.env } });
  if (status !== 0) process.exit(status ?? 1);
}

const packages = NODES.map(major => `node${major}@npm:node@${major}`);
run("npm", ["install", "--prefix", HOME, "--no-save", "--no-audit", "--no-fund", ...packages]);

const seed = process.env.GRADC_SEED ?? String(Math.floor(Date.now() / DAY));
console.log(`GRADC_SEED=${seed}`);
const vitest = ["--no-install", "vitest", "run", "--testTimeout=3600000"];
run("npx", [...vitest, "tests/backends", "tests/hosts", "--exclude=**/threads.test.ts"], {
  GRADC_SEED: seed,
  GRADC_STEPS: "100",
  GRADC_GRAPHS: "10000",
  GRADC_PROGRAMS: "1500",
  GRADC_NODES: NODES.map(major => `${HOME}/node_modules/node${major}/bin/node`).join(delimiter),
});
// Every case starts a pool of threads.
run("npx", [...vitest, "tests/backends/threads.test.ts", "tests/runtime/pool.test.ts"], {
  GRADC_SEED: seed,
  GRADC_GRAPHS: "1000",
  GRADC_PROGRAMS: "200",
  GRADC_CYCLES: "1000",
});
