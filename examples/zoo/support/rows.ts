import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "./row.ts";

const FOLDER = new URL("../", import.meta.url);

/** Files of rows, `01-perceptron.ts` and so on, in order. */
export const rowFiles = (): string[] =>
  readdirSync(fileURLToPath(FOLDER))
    .filter(name => /^\d\d-.*\.ts$/.test(name))
    .sort();

/** The row that a file declares. */
export async function loadRow(file: string): Promise<Row> {
  const { row } = (await import(new URL(file, FOLDER).href)) as { row?: Row };
  if (!row) throw new Error(`examples/zoo/${file} exports no row`);
  return row;
}
