// npm run zoo [-- 07 20] [--seeds 5]: compiles, trains and shows the networks of the zoo.
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../../src/cli/files.ts";
import { docsOf } from "./support/docs.ts";
import { chartSvg } from "./support/gallery/chart-svg.ts";
import { galleryPage } from "./support/gallery/page.ts";
import { optionsOf } from "./support/options.ts";
import { type Circumstances, resultsJson, tally } from "./support/results.ts";
import { numberOf, rowFiles } from "./support/rows.ts";
import { runRows } from "./support/run-rows.ts";
import { summary } from "./support/table.ts";

const files = rowFiles();
const options = optionsOf(process.argv, files.map(numberOf));
const entries = await runRows(
  files.filter(file => options.rows.includes(numberOf(file))),
  options,
);
const results = entries.map(e => e.result);
const circumstances: Circumstances = {
  date: new Date().toISOString().slice(0, 10),
  target: options.target,
  mode: options.mode,
  threads: options.threads,
  seeds: Array.from({ length: options.seeds }, (_, i) => options.seed + i),
  node: process.versions.node,
};

const write = (path: string, content: string): void => {
  writeFileAtomic(path, content);
  console.log(`  ${relative(process.cwd(), path)}  ${(Buffer.byteLength(content) / 1024).toFixed(0)} KB`);
};
console.log(`\n${summary(results)}`);
write(join(options.output, "results.json"), resultsJson(circumstances, results));
if (options.gallery) write(join(options.output, "index.html"), galleryPage(circumstances, entries));
if (options.docs) {
  const docs = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
  write(docs("zoo.md"), docsOf(circumstances, results));
  write(docs("zoo.svg"), chartSvg(entries.flatMap(({ row }) => row ?? [])));
}
const { missed, failed } = tally(results);
process.exitCode = missed + failed > 0 ? 1 : 0;
