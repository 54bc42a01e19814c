import type { Functions, Program } from "gradc";
import { emit } from "gradc/aot";
import { gzipSize } from "../../../../src/cli/compile-command.ts";
import type { ModuleSize, Result } from "../results.ts";
import type { Row } from "../row.ts";
import { codeOf } from "../rows.ts";
import { type Listener, messageOf, type Run } from "../run.ts";
import { type Fold, graphsOf } from "./graphs.ts";

/** Everything that the page shows of a row. */
export interface GalleryEntry extends Run {
  /** Undefined where its file could not be loaded. */
  readonly row?: Row;
  readonly graphs: readonly Fold[];
  readonly code: string;
}

/** Compiles the row's program to modules, for their sizes, and draws its graphs. */
export async function entryOf(row: Row, run: Run, listener: Listener): Promise<GalleryEntry> {
  const { result, exhibits } = run;
  const code = codeOf(result.file);
  try {
    listener(0, "modules");
    const module = await moduleSize(row.program);
    listener(0.5, "graphs");
    return { row, result: { ...result, module }, exhibits, graphs: graphsOf(row.program), code };
  } catch (error) {
    return { row, result: failed(result, error), exhibits, graphs: [], code };
  }
}

/** What went wrong first is told. */
const failed = (result: Result, error: unknown): Result => ({ ...result, error: result.error ?? messageOf(error) });

async function moduleSize(program: Program<Functions>): Promise<ModuleSize> {
  const size = async (target: "wasm" | "js"): Promise<number> => {
    const files = await emit(program, { target, fileName: "model" });
    return gzipSize(files.get("model.js") ?? new Uint8Array());
  };
  return { wasm: await size("wasm"), js: await size("js") };
}
