import { progress } from "../../../src/cli/progress.ts";
import { entryOf, type GalleryEntry } from "./gallery/entry.ts";
import type { Options } from "./options.ts";
import type { Result } from "./results.ts";
import type { Row } from "./row.ts";
import { codeOf, loadRow, numberOf } from "./rows.ts";
import { messageOf, runRow } from "./run.ts";
import { Table } from "./table.ts";

type Loaded = { readonly file: string } & ({ readonly row: Row } | { readonly error: unknown });

/** Trains rows one after the other, each with a progress bar, and prints each as soon as it is known. */
export async function runRows(files: readonly string[], options: Options): Promise<GalleryEntry[]> {
  const loaded = await Promise.all(
    files.map(async (file): Promise<Loaded> => {
      try {
        return { file, row: await loadRow(file) };
      } catch (error) {
        return { file, error };
      }
    }),
  );
  const table = new Table(loaded.flatMap(l => ("row" in l ? [l.row] : [])));
  console.log(table.head());
  const entries: GalleryEntry[] = [];
  for (const [i, one] of loaded.entries()) {
    const entry =
      "row" in one ? await runOne(one.file, one.row, options, `row ${i + 1} of ${files.length}`) : broken(one);
    entries.push(entry);
    console.log(table.row(entry.result));
  }
  return entries;
}

async function runOne(file: string, row: Row, options: Options, place: string): Promise<GalleryEntry> {
  const bar = progress(`${file.slice(0, 2)} ${row.title}`, 100, { value: "{percentage} %", clear: true });
  const listener = (share: number, text: string): void => bar.update(Math.round(100 * share), `${text} (${place})`);
  try {
    const run = await runRow(file, row, options, listener);
    return options.gallery ? await entryOf(row, run, listener) : { ...run, row, graphs: [], code: "" };
  } finally {
    bar.stop();
  }
}

/** A row whose file does not load. */
function broken({ file, error }: { readonly file: string; readonly error: unknown }): GalleryEntry {
  const result: Result = {
    number: numberOf(file),
    file,
    title: file.slice(3, -3),
    published: "",
    figures: [],
    trials: [],
    error: messageOf(error),
  };
  return { result, exhibits: [], graphs: [], code: codeOf(file) };
}
