import type { LoweredProgram } from "../../src/plan/ir.ts";
import type { InputEntry, Manifest, VariableEntry } from "../../src/runtime/manifest.ts";
import { manifestOf, memoryBytes } from "../manifest/index.ts";
import { declarations } from "./declarations.ts";
import { humanManifest } from "./human-manifest.ts";
import { RUNTIME } from "./runtime.generated.ts";

/** Code of a backend, ready to be put in a module. */
export type EmittedCode =
  /** An expression: the memory in, an object with a function per plan function out. */
  | { readonly target: "js"; readonly factory: string }
  | {
      readonly target: "wasm";
      readonly bytes: Uint8Array;
      /** What a plan function is exported as. The memory is exported as `memory`. */
      exportName(name: string): string;
      /** Where the bytes go: into the module, into a file beside it, or nowhere (the caller of load passes them). */
      readonly placement: "inline" | "beside" | "import";
    };

export interface EmitOptions {
  /** Base name of the files; default: the program's name. */
  readonly fileName?: string;
  /** Directory that the paths of user files in the manifest are relative to. */
  readonly root?: string;
}

/**
 * The files of an ahead-of-time compiled program: `name.js`, `name.d.ts`, `name.manifest.json`, and `name.wasm` where
 * asked for. The same program gives the same bytes.
 */
export function emitModule(
  program: LoweredProgram,
  code: EmittedCode,
  options: EmitOptions = {},
): Map<string, Uint8Array> {
  const base = options.fileName ?? fileNameOf(program.name);
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const files = new Map([
    [`${base}.js`, encode(moduleText(program, code, base))],
    [`${base}.d.ts`, encode(declarations(program, { wasm: code.target === "wasm" }))],
    [`${base}.manifest.json`, encode(humanManifest(program, { target: code.target, root: options.root }))],
  ]);
  if (code.target === "wasm" && code.placement === "beside") files.set(`${base}.wasm`, code.bytes);
  return files;
}

/** A name that is safe as a file's on every system. */
export const fileNameOf = (name: string): string =>
  name.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[.-]+/, "") || "net";

function moduleText(program: LoweredProgram, code: EmittedCode, base: string): string {
  const body = code.target === "js" ? jsBody(program, code.factory) : wasmBody(program, code, base);
  return [
    "// Compiled by gradc",
    `const manifest=${manifestText(manifestOf(program))};`,
    `const createNet=${RUNTIME};`,
    ...body,
    "",
  ].join("\n");
}

/** The manifest as an expression: entries as tuples, so that their keys are written once. */
function manifestText(manifest: Manifest): string {
  const json = (value: unknown): string => scriptSafe(JSON.stringify(value));
  const entries = (list: readonly (InputEntry & Partial<VariableEntry>)[]): string => {
    const rows = list.map(({ name, dtype, shape, offset, role, below, default: fallback }) => {
      const row = [name, dtype, shape, offset, role, below, fallback].map(x => (x === undefined ? "" : json(x)));
      return `[${row.join(",").replace(/,+$/, "")}]`;
    });
    return `[${rows.join(",")}].map(e)`;
  };
  const functions = manifest.functions.map(
    ({ inputs, outputs, ...rest }) => `{...${json(rest)},inputs:${entries(inputs)},outputs:${entries(outputs)}}`,
  );
  const { functions: _functions, variables, ...rest } = manifest;
  const entry = "([name,dtype,shape,offset,role,below,d])=>({name,dtype,shape,offset,role,below,default:d})";
  return `(e=>({...${json(rest)},functions:[${functions.join(",")}],variables:${entries(variables)}}))(${entry})`;
}

/** JSON as JavaScript: the two line separators are allowed since ES2019, `__proto__` keys do not occur. */
const scriptSafe = (json: string): string => json.replaceAll("</", "<\\/");

const DECODE = "const decode=t=>Uint8Array.from(atob(t),c=>c.charCodeAt(0));";

function jsBody(program: LoweredProgram, factory: string): string[] {
  const { data } = program.memory;
  const pieces = data.map(d => `[${d.offset},"${base64(d.bytes)}"]`);
  const fill = `for(const[p,t]of[${pieces.join(",")}])new Uint8Array(memory).set(decode(t),p);`;
  return [
    ...(data.length > 0 ? [DECODE] : []),
    `const code=${factory};`,
    `export const loadSync=o=>{const memory=new ArrayBuffer(${memoryBytes(program)});${data.length > 0 ? fill : ""}return createNet(manifest,{memory,functions:code(memory)},o)};`,
    "export const load=async o=>loadSync(o);",
  ];
}

function wasmBody(program: LoweredProgram, code: Extract<EmittedCode, { target: "wasm" }>, base: string): string[] {
  const functions = program.functions.map(
    f => `[${JSON.stringify(f.name)}]:e[${JSON.stringify(code.exportName(f.name))}]`,
  );
  const start = `const start=(module,options)=>{const e=new WebAssembly.Instance(module).exports;return createNet(manifest,{memory:e.memory.buffer,functions:{${functions.join(",")}}},options)};`;
  const bytes = {
    inline: `${DECODE}const bytes=()=>decode("${base64(code.bytes)}"),later=bytes;`,
    // Files through the host's file system where it has one, since fetch reads no file: URLs.
    beside: `const url=new URL(${JSON.stringify(`./${base}.wasm`)},import.meta.url),files=()=>url.protocol==="file:"&&globalThis.process?.getBuiltinModule?.("node:fs"),bytes=()=>{const f=files();if(f)return f.readFileSync(url);throw Error("loadSync needs { wasm } here; load fetches "+url)},later=async()=>files()?bytes():(await fetch(url)).arrayBuffer();`,
    import: 'const bytes=()=>{throw Error("pass { wasm: a WebAssembly.Module }")},later=bytes;',
  }[code.placement];
  return [
    start,
    bytes,
    // One compiled module for all instances.
    "let compiled;",
    "export function loadSync(options){return start(options?.wasm??(compiled??=new WebAssembly.Module(bytes())),options)}",
    "export async function load(options){return start(options?.wasm??(compiled??=await WebAssembly.compile(await later())),options)}",
  ];
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
}
