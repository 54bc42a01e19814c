import { type Circumstances, kilobytes, measured, NONE, type Result, shown, shownBar, shownCosts } from "./results.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

function table(columns: readonly string[], numbers: readonly number[], rows: readonly (readonly string[])[]): string {
  const rule = columns.map((_, i) => (numbers.includes(i) ? "---:" : "---"));
  return [line(columns), line(rule), ...rows.map(line)].join("\n");
}

const link = (r: Result): string => `[${r.title}](../examples/zoo/${r.file})`;

/** docs/zoo.md, from the results of a run. */
export function docsOf(circumstances: Circumstances, results: readonly Result[]): string {
  const costs = results.map(r => {
    const { parameters, compile, step, time } = shownCosts(r);
    const sizes = r.module ? [kilobytes(r.module.wasm), kilobytes(r.module.js)] : [NONE, NONE];
    return [String(r.number), link(r), r.published, parameters, compile, step, time, ...sizes];
  });
  const figures = results.flatMap(r =>
    r.error === undefined
      ? r.figures.map(f => [
          String(r.number),
          f.what,
          f.median === undefined ? NONE : `${f.verdict === "missed" ? "**missed** " : ""}${shown(f.median, f)}`,
          shownBar(f),
          f.reference ?? "",
        ])
      : [[String(r.number), `**failed**: ${r.error.split("\n")[0]}`, "", "", ""]],
  );
  return `# The zoo

![The networks of the zoo, drawn as in the well-known chart of F. van Veen (The Asimov Institute, 2016)](zoo.svg)

${results.length} networks, from the perceptron to the transformer, each one program in \`examples/zoo\`: written with the public
API, compiled, trained and judged by figures. \`npm run zoo\` trains them all and writes a page that shows what they learned,
\`out/zoo/index.html\`. This file is written by \`npm run zoo -- --seeds 5 --docs\`.

${measured(circumstances)} What takes time depends on the machine; figures do so by
rounding alone. Training counts everything but compilation: steps, measuring and drawing. Sizes are those of emitted modules
with all functions of the row's program, training included, gzipped.

## What they cost

${table(
  ["#", "network", "published", "parameters", "compile ms", "µs a step", "training s", "WASM module", "JS module"],
  [0, 3, 4, 5, 6, 7, 8],
  costs,
)}

## What they reach

The median of all seeds, what it has to be, and what others reach on the same data.

${table(["#", "figure", "median", "bar", "reference"], [0, 2], figures)}
`;
}
