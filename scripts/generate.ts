import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateErrors } from "./generate-errors.ts";
import { generateFluent } from "./generate-fluent.ts";
import { generateRuntime, generateThread } from "./generate-runtime.ts";
import { generateWalk } from "./generate-walk.ts";

/** Every generated file of the repository: path from the root, and the text it must have. */
const GENERATORS: readonly (() => { readonly path: string; readonly text: string })[] = [
  generateFluent,
  generateErrors,
  generateThread,
  generateRuntime,
  generateWalk,
];

const root = new URL("../", import.meta.url);
const check = process.argv.includes("--check");
let stale = 0;
for (const generate of GENERATORS) {
  const { path, text } = generate();
  const file = fileURLToPath(new URL(path, root));
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  stale++;
  if (check) console.error(`${path} is stale: run npm run generate`);
  else {
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
if (check && stale > 0) process.exitCode = 1;
