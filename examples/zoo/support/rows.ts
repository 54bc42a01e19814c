import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "./row.ts";

const FOLDER = new URL("../", import.meta.url);

/** Files of rows, `01-perceptron.ts` and so on, in order. */
export const rowFiles = (): string[] =>
  readdirSync(fileURLToPath(FOLDER))
    .filter(name => /^\d\d-.*\.ts$/.test(name))
    .sort();

/** Its number, by its name. */
export const numberOf = (file: string): number => Number(file.slice(0, 2));

/** The text of a row's file. */
export const codeOf = (file: string): string => readFileSync(fileURLToPath(new URL(file, FOLDER)), "utf8");

/** The row that a file declares. */
export async function loadRow(file: string): Promise<Row> {
  const { row } = (await import(new URL(file, FOLDER).href)) as { row?: Row };
  if (!row) throw new Error(`examples/zoo/${file} exports no row`);
  return row;
}
