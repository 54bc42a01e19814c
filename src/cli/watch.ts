import { spawn } from "node:child_process";
import { existsSync, readFileSync, watch as watchFolder } from "node:fs";
import { dirname, relative, resolve } from "node:path";

/** How long a file is left alone after a change: editors empty it first and write it then. */
const SETTLE_MILLISECONDS = 50;

/** The text of a module and of all files it reaches by relative imports, by path; of missing files, the empty text. */
export function sourcesOf(model: string): Map<string, string> {
  const texts = new Map<string, string>();
  const paths = [resolve(model)];
  for (const path of paths) {
    if (texts.has(path)) continue;
    const text = textOf(path);
    texts.set(path, text);
    for (const [, imported] of text.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g)) {
      paths.push(resolve(dirname(path), imported));
    }
  }
  return texts;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const same = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);

/** Resolves when the sources are no longer what they were. */
function changed(model: string, before: ReadonlyMap<string, string>): Promise<void> {
  return new Promise(resolveChanged => {
    const settle = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (same(before, sourcesOf(model))) return;
        for (const w of watchers) w.close();
        resolveChanged();
      }, SETTLE_MILLISECONDS);
    };
    // Once without an event: a file may have changed while it was being compiled.
    let timer = setTimeout(settle);
    const folders = new Set([...before.keys()].map(path => dirname(path)).filter(folder => existsSync(folder)));
    // Folders, not files: editors put a new file in the old one's place.
    const watchers = [...folders].map(folder => watchFolder(folder, settle).on("error", settle));
  });
}

/** This command again in a process of its own, since modules are loaded once in a process. Its failure is its own report. */
function build(args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1], ...args], { stdio: "inherit" });
    child.on("error", fail);
    child.on("exit", () => done());
  });
}

/** Runs the command with these arguments now and whenever the model, or a file that it imports, has changed. */
export async function watch(model: string, args: readonly string[]): Promise<never> {
  for (;;) {
    const before = sourcesOf(model);
    await build(args);
    process.stderr.write(`gradc: watching ${relative(process.cwd(), resolve(model))}\n`);
    await changed(model, before);
  }
}
