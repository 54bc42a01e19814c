import { existsSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Program } from "../program/program.ts";
import { GradcError, type Site } from "../shared/errors.ts";

/** @throws GradcError `model-file` where there is no such file */
export function modelPath(file: string): string {
  const path = resolve(file);
  if (existsSync(path) && statSync(path).isFile()) return path;
  throw new GradcError("model-file", `there is no file ${file}`, {
    expected: "a TypeScript or JavaScript module that exports a program",
    received: path === file ? undefined : path,
    mend: "Check the path.",
  });
}

/**
 * Loads a model file and finds its program.
 * @param name of the program, or of its export, where the file exports several
 * @throws GradcError `model-file`; errors of the model's own declarations as they are
 */
export async function loadModel(file: string, name?: string): Promise<Program> {
  const path = modelPath(file);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof GradcError) throw error;
    throw loadError(file, path, error);
  }
  return choose(file, module, name);
}

function loadError(file: string, path: string, error: unknown): GradcError {
  if (
    (error as NodeJS.ErrnoException | undefined)?.code === "ERR_UNKNOWN_FILE_EXTENSION" &&
    !process.features.typescript
  ) {
    return new GradcError("model-file", `this Node reads no TypeScript: ${file}`, {
      expected: "Node ≥ 22.18, or a model in JavaScript",
      received: `Node ${process.versions.node}`,
      mend: "Run gradc with a newer Node.",
      cause: error,
    });
  }
  const what = error instanceof Error ? `${error.name}: ${error.message.split("\n", 1)[0]}` : String(error);
  const site = error instanceof Error ? siteIn(path, error.stack ?? "") : undefined;
  return new GradcError("model-file", `${file} throws while it loads`, {
    received: what,
    ...(site ? { sites: [site] } : {}),
    mend: "Mend the error in the file; `node` on the file alone shows the whole stack.",
    cause: error,
  });
}

/** The first place of the model's own file in a stack, or where its syntax is wrong. */
function siteIn(path: string, stack: string): Site | undefined {
  for (const line of stack.split("\n")) {
    const at = line.indexOf(path);
    const match = at < 0 ? null : /^:(\d+)(?::(\d+))?/.exec(line.slice(at + path.length));
    if (match) {
      return { file: relative(process.cwd(), path), line: Number(match[1]), column: Number(match[2] ?? 1) };
    }
  }
  return undefined;
}

function choose(file: string, module: Readonly<Record<string, unknown>>, name: string | undefined): Program {
  const programs = new Map<Program, string>();
  for (const [key, value] of Object.entries(module)) {
    if (value instanceof Program && !programs.has(value)) programs.set(value, key);
  }
  if (programs.size === 0) {
    const foreign = Object.values(module).some(v => v?.constructor?.name === "Program");
    throw new GradcError("model-file", `${file} exports no program`, {
      expected: "export default program(…)",
      received: foreign
        ? "a program of another copy of gradc"
        : Object.keys(module).join(", ") || "a module without exports",
      ...(foreign ? { mend: "Let the model import the gradc that runs this command." } : {}),
    });
  }
  const known = [...programs].map(([p, key]) => (key === "default" ? p.name : key)).join(", ");
  if (name !== undefined) {
    const found = [...programs].find(([p, key]) => p.name === name || key === name);
    if (found) return found[0];
    throw new GradcError("unknown-name", `${file} exports no program ${JSON.stringify(name)}`, {
      expected: known,
      received: name,
    });
  }
  if (programs.size > 1) {
    throw new GradcError("model-file", `${file} exports several programs`, {
      expected: "one program, or --program <name>",
      received: known,
      mend: "Choose one with --program <name>.",
    });
  }
  return [...programs.keys()][0];
}
