import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { hasRelaxedSimd } from "../codegen/wasm/index.ts";
import { barChart, type Panel, type Time, timeText } from "./chart.ts";
import { met, type Row } from "./measure.ts";

/** What a figure depends on, as far as it does not tell whose machine it was. */
interface Machine {
  readonly node: string;
  readonly v8: string;
  readonly architecture: string;
  readonly cores: number;
  readonly fusedMultiplyAdd: boolean;
}

export interface Section {
  readonly title: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly rows: readonly Row[];
}

type Sections = Readonly<Record<string, Section>>;

const FOLDER = new URL("./results/", import.meta.url);
const JSON_FILE = new URL("results.json", FOLDER);
const MARKDOWN_FILE = new URL("results.md", FOLDER);
const CHART_FILE = new URL("peers.svg", FOLDER);

export const machine = (): Machine => ({
  node: process.versions.node,
  v8: process.versions.v8,
  architecture: process.arch,
  cores: availableParallelism(),
  fusedMultiplyAdd: hasRelaxedSimd(),
});

/** Results that stand, with those of this run in the place of older ones. */
export function save(fresh: Sections, order: readonly string[]): void {
  const all = { ...earlier(), ...fresh };
  const sections = Object.fromEntries(order.flatMap(name => (all[name] ? [[name, all[name]]] : [])));
  mkdirSync(FOLDER, { recursive: true });
  write(JSON_FILE, `${JSON.stringify(sections, undefined, 2)}\n`);
  write(MARKDOWN_FILE, `# Results\n\n${Object.values(sections).map(markdown).join("\n\n")}\n`);
  const panels = Object.values(sections).map(panelOf);
  write(CHART_FILE, barChart(panels.filter(p => p.times.length > 0)));
}

/** A reader sees the old file or the new one. */
function write(file: URL, text: string): void {
  const draft = new URL(`${file.href}.tmp`);
  writeFileSync(draft, text);
  renameSync(draft, file);
}

const panelOf = ({ title, rows }: Section): Panel => ({
  title,
  times: rows.flatMap((row): Time[] =>
    "contender" in row && row.contender !== undefined ? [{ name: row.contender, micro: row.value }] : [],
  ),
});

function earlier(): Sections {
  try {
    return JSON.parse(readFileSync(JSON_FILE, "utf8")) as Sections;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

export function markdown({ title, machine: m, rows }: Section): string {
  const fma = m.fusedMultiplyAdd ? "fused multiply-add" : "no fused multiply-add";
  const facts = `Node ${m.node} (V8 ${m.v8}), ${m.architecture}, ${m.cores} cores, WebAssembly with ${fma}.`;
  const lines = rows.map(row => `| ${row.measure} | ${shown(row)} | ${barOf(row)} |`);
  return [`## ${title}`, "", facts, "", "| measure | value | bar |", "|---|---:|---|", ...lines].join("\n");
}

function shown(row: Row): string {
  if ("cannot" in row) return `cannot: ${row.cannot}`;
  const { value, unit } = row;
  return unit === "µs a call" ? `${timeText(value)} a call` : `${format(value)} ${unit}`;
}

const format = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.01 ? value.toExponential(1) : value.toFixed(Math.abs(value) < 10 ? 2 : 1);

function barOf(row: Row): string {
  if ("cannot" in row || !row.bar) return "";
  return `${row.bar.sense} ${row.bar.limit}: ${met(row) ? "met" : "**missed**"}`;
}
