import type { LoweredProgram } from "../../src/plan/ir.ts";
import { manifestOf } from "../manifest/index.ts";
import type { EmittedCode, StoredValues } from "./code.ts";
import { declarations } from "./declarations.ts";
import { humanManifest } from "./human-manifest.ts";
import { jsBody } from "./js-body.ts";
import { manifestText } from "./manifest-text.ts";
import { MARK } from "./mark.ts";
import { RUNTIME } from "./runtime.generated.ts";
import { wasmBody } from "./wasm-body.ts";

export type { EmittedCode, Placement, StoredValues, Variants } from "./code.ts";

export interface EmitOptions {
  /** Base name of the files; default: the program's name. */
  readonly fileName?: string;
  /** Directory that the paths of user files in the manifest are relative to. */
  readonly root?: string;
  /** Of variables, in the place of initialisers. */
  readonly values?: StoredValues;
}

/**
 * The files of an ahead-of-time compiled program: `name.js`, `name.d.ts`, `name.manifest.json`, and those of WebAssembly
 * that do not go into the module. The same program gives the same bytes.
 */
export function emitModule(
  program: LoweredProgram,
  code: EmittedCode,
  options: EmitOptions = {},
): Map<string, Uint8Array> {
  const base = options.fileName ?? fileNameOf(program.name);
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const body =
    code.target === "js"
      ? { lines: jsBody(program, code, options.values), files: new Map<string, Uint8Array>() }
      : wasmBody(program, code, options.values, base);
  return new Map([
    [`${base}.js`, encode(moduleText(program, body.lines))],
    [
      `${base}.d.ts`,
      encode(
        declarations(program, { wasm: code.target === "wasm", threads: code.target === "wasm" && !!code.threads }),
      ),
    ],
    [`${base}.manifest.json`, encode(humanManifest(program, { target: code.target, root: options.root }))],
    ...[...body.files].map(([name, bytes]) => [`${base}${name}`, bytes] as const),
  ]);
}

/** A name that is safe as a file's on every system. */
export const fileNameOf = (name: string): string =>
  name.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[.-]+/, "") || "net";

const moduleText = (program: LoweredProgram, body: readonly string[]): string =>
  [
    MARK,
    `const manifest=${manifestText(manifestOf(program))};`,
    `const createNet=${RUNTIME.createNet};`,
    ...body,
    "",
  ].join("\n");
