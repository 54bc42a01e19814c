import { styleText } from "node:util";
import { type FigureResult, NONE, type Result, shown, shownBar, shownCosts, tally, type Verdict } from "./results.ts";
import type { Row } from "./row.ts";

const MARKS: Readonly<Record<Verdict, string>> = { met: "✓", missed: "✗ MISSED", "not measured": "not measured" };

const painted = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** A table that grows by a row as soon as it is known: its columns are as wide as the titles need. */
export class Table {
  readonly #title: number;
  readonly #what: number;

  constructor(rows: readonly Row[]) {
    const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(t => [...t].length));
    this.#title = widest(rows.map(r => r.title));
    this.#what = Math.max(this.#title + 40, widest(rows.flatMap(r => Object.values(r.figures).map(f => f.what))));
  }

  head(): string {
    const costs = ["parameters", "compile ms", "µs a step", "training s"];
    return painted("dim", this.#line(" #", "network", costs));
  }

  /** The row's costs, and its figures below them. */
  row(r: Result): string {
    const { parameters, compile, step, time } = shownCosts(r);
    const head = this.#line(String(r.number).padStart(2, "0"), r.title, [parameters, compile, step, time]);
    if (r.error !== undefined) {
      return [painted("bold", head), ...lines(r.error).map(l => painted("red", `    ${l}`))].join("\n");
    }
    return [painted("bold", head), ...r.figures.map(f => this.#figure(f))].join("\n");
  }

  #line(number: string, title: string, costs: readonly string[]): string {
    return `${number}  ${title.padEnd(this.#title)}${costs.map(c => c.padStart(12)).join("")}`;
  }

  #figure(f: FigureResult): string {
    const value = f.median === undefined ? NONE : shown(f.median, f);
    const reason = f.verdict === "not measured" && f.needs ? ` (${f.needs} is missing)` : "";
    const text = `    ${f.what.padEnd(this.#what)}${value.padStart(12)}  ${shownBar(f).padEnd(12)} ${MARKS[f.verdict]}${reason}`;
    return f.verdict === "missed" ? painted(["red", "bold"], text) : text;
  }
}

const lines = (error: string): string[] => `✗ FAILED: ${error}`.split("\n");

/** `32 rows, 71 figures: 69 met, 2 MISSED`. */
export function summary(results: readonly Result[]): string {
  const { met, missed, failed, "not measured": without } = tally(results);
  const parts = [
    `${met} met`,
    ...(missed > 0 ? [painted(["red", "bold"], `${missed} MISSED`)] : []),
    ...(without > 0 ? [`${without} not measured`] : []),
    ...(failed > 0 ? [painted(["red", "bold"], `${failed} FAILED`)] : []),
  ];
  const rows = results.length === 1 ? "1 row" : `${results.length} rows`;
  return `${rows}, ${met + missed + without} figures: ${parts.join(", ")}`;
}
