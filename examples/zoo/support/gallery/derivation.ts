import type { Derivation, DerivationRow } from "../../../../src/inspect/derivation.ts";
import { code, table } from "../../../../src/inspect/page.ts";

/** Of a long derivation the beginning and the end are shown. */
const FIRST = 40;
const LAST = 10;

const COLUMNS = ["forward, from the result back", "line", "rule", "adds", "shape"].map(title => ({ title }));

export function derivationTable({ rows }: Derivation): string {
  if (rows.length <= FIRST + LAST) return table(COLUMNS, rows.map(cells));
  const left = rows.length - FIRST - LAST;
  const gap = [`… ${left} lines …`, "", "", "", ""];
  return table(COLUMNS, [...rows.slice(0, FIRST).map(cells), gap, ...rows.slice(-LAST).map(cells)]);
}

const cells = (r: DerivationRow): string[] => [r.forward, r.line, r.rule, r.adds, r.type].map(code);
