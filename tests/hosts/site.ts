import { resolve } from "node:path";
import { buildSync } from "esbuild";
import digits from "../../examples/digits.ts";
import { emit } from "../../src/aot.ts";
import { LESSON } from "./lesson.ts";
import type { Served } from "./serve.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What a page, or a worker, does: the body of an async function that returns something for JSON. */
export interface Case {
  readonly policy: string;
  readonly worker?: boolean;
  readonly imports: string;
  readonly body: string;
}

const JS = "default-src 'none'; script-src 'self'; connect-src 'self'";
const WASM = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const EVAL = "default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self'";
const emitted = (file: string): string =>
  `import { load, loadSync } from "/${file}.js"; import { lesson, seed } from "/lesson.js";`;
const library = `import { compile, digits } from "/library.js"; import { lesson, seed } from "/lesson.js";`;
const TRAIN = "return lesson(await load({ seed }));";
const compiled = (target: string): string =>
  `return lesson(await compile(digits, { seed, mode: "reproducible", ${target} }));`;

/** Everywhere the same bits: these all have to answer as the lesson does in Node. */
export const LESSONS: Readonly<Record<string, Case>> = {
  "js on the main thread": { policy: JS, imports: emitted("js"), body: TRAIN },
  "js in a worker": { policy: JS, worker: true, imports: emitted("js"), body: TRAIN },
  "wasm inline on the main thread": { policy: WASM, imports: emitted("wasm"), body: TRAIN },
  "wasm inline, loadSync": { policy: WASM, imports: emitted("wasm"), body: "return lesson(loadSync({ seed }));" },
  "wasm inline in a worker": { policy: WASM, worker: true, imports: emitted("wasm"), body: TRAIN },
  "wasm beside on the main thread": { policy: WASM, imports: emitted("beside"), body: TRAIN },
  "wasm beside in a worker": { policy: WASM, worker: true, imports: emitted("beside"), body: TRAIN },
  "wasm passed in": {
    policy: WASM,
    imports: emitted("beside"),
    body: 'return lesson(loadSync({ seed, wasm: await WebAssembly.compileStreaming(fetch("/beside.wasm")) }));',
  },
  "the library where no code may be made": { policy: JS, imports: library, body: compiled("") },
  "the library where WebAssembly may be made": { policy: WASM, imports: library, body: compiled("") },
  "the library compiling to wasm": { policy: WASM, imports: library, body: compiled('target: "wasm"') },
  "the library compiling to js": { policy: EVAL, imports: library, body: compiled('target: "js"') },
  "the library in a worker where no code may be made": {
    policy: JS,
    worker: true,
    imports: library,
    body: compiled(""),
  },
};

const reason = (action: string): string =>
  `try { await ${action}; return "no error"; } catch (e) { return [e.code ?? e.name, e.message]; }`;

/** What policies forbid: the answers are a code and a message. */
export const REFUSALS: Readonly<Record<string, Case>> = {
  "wasm where none may be made": { policy: JS, imports: emitted("wasm"), body: reason("load({ seed })") },
  "loadSync with the code beside": {
    policy: WASM,
    imports: emitted("beside"),
    body: reason("loadSync({ seed })"),
  },
  "library to wasm": { policy: JS, imports: library, body: reason('compile(digits, { target: "wasm" })') },
  "library to js": { policy: WASM, imports: library, body: reason('compile(digits, { target: "js" })') },
};

/** Where a case lives on the site. */
export const pageOf = (name: string): string => `/${encodeURIComponent(name)}.html`;

/** The files of the site by path, with the policy each is served under. A page leaves its answer as `done`. */
export async function site(): Promise<Map<string, Served>> {
  const files = new Map<string, Served>();
  for (const [fileName, options] of Object.entries({
    js: { target: "js" },
    wasm: { target: "wasm" },
    beside: { target: "wasm", wasm: "beside" },
  } as const)) {
    const made = await emit(digits, { ...options, fileName, mode: "reproducible" });
    for (const [name, body] of made) files.set(`/${name}`, { body });
  }
  files.set("/lesson.js", { body: LESSON });
  files.set("/library.js", { body: bundle() });
  const cases = Object.entries({ ...LESSONS, ...REFUSALS });
  for (const [i, [name, { policy, worker, imports, body }]] of cases.entries()) {
    const answer = `(async () => { ${body} })().catch(e => String(e.stack))`;
    const started = `new Worker("/${i}.worker.js", { type: "module" })`;
    const asked = `globalThis.done = new Promise(done => { ${started}.onmessage = ({ data }) => done(data); });`;
    files.set(pageOf(name), { body: `<!doctype html><script type="module" src="/${i}.js"></script>`, policy });
    files.set(`/${i}.js`, { body: worker ? asked : `${imports}\nglobalThis.done = ${answer};` });
    files.set(`/${i}.worker.js`, { body: `${imports}\npostMessage(await ${answer});`, policy });
  }
  return files;
}

function bundle(): Uint8Array {
  const { outputFiles } = buildSync({
    stdin: {
      contents: 'export { compile } from "gradc"; export { default as digits } from "./examples/digits.ts";',
      resolveDir: ROOT,
      loader: "ts",
    },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    conditions: ["source"],
    external: ["node:*"],
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].contents;
}
