import type { LoweredProgram } from "../../src/plan/ir.ts";
import { EMPTY_MODULE, withSection } from "../wasm/custom-section.ts";
import { RELAXED_MODULE } from "../wasm/probe.ts";
import type { StoredValues, Variants, WasmCode } from "./code.ts";
import { textLiteral } from "./code-text.ts";
import { base64Literal, DECODE_BASE64 } from "./literals.ts";
import { patchOf } from "./patch.ts";
import { RUNTIME } from "./runtime.generated.ts";
import { fillStatement, storedPrelude } from "./stored.ts";
import { compiledEither, threadedLines } from "./threaded-body.ts";

/** Name of the custom section that holds stored values. */
const SECTION = "weights";

/** What a WebAssembly module consists of besides manifest and runtime. */
export interface WasmBody {
  readonly lines: readonly string[];
  /** Files beside it, by what is added to the module's name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function wasmBody(
  program: LoweredProgram,
  code: WasmCode,
  values: StoredValues | undefined,
  base: string,
): WasmBody {
  const make = { inline, beside, import: imported }[code.placement];
  const { lines, files = {}, module, stored } = make(code, values, base);
  const functions = program.functions.map(
    f => `[${JSON.stringify(f.name)}]:e[${JSON.stringify(code.exportName(f.name))}]`,
  );
  const fill = values ? fillStatement(values, stored) : "";
  const prelude = [...(values ? storedPrelude(values) : []), ...lines];
  if (code.threads) {
    return {
      files: new Map(Object.entries(files)),
      lines: [...prelude, ...threadedLines(code.threads.layout, module, fill)],
    };
  }
  return {
    files: new Map(Object.entries(files)),
    lines: [
      ...prelude,
      `const start=(code,options)=>{const e=new WebAssembly.Instance(code).exports,memory=e.memory.buffer;${fill}return createNet(manifest,{memory,functions:{${functions.join(",")}}},options)};`,
      `export function loadSync(options){return start(options?.wasm??${module.sync},options)}`,
      `export async function load(options){return start(options?.wasm??${module.async},options)}`,
    ],
  };
}

/** One form of carrying code. */
export interface Form {
  readonly lines: readonly string[];
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Expressions for the compiled module, in loadSync and in load. */
  readonly module: { readonly sync: string; readonly async: string };
  /** An expression for the bytes of the stored values; `code` is the compiled module. */
  readonly stored: string;
}

type MakeForm = (code: WasmCode, values: StoredValues | undefined, base: string) => Form;

const NO_MODULE = "imports of .wasm give no WebAssembly.Module here: use another form (--wasm beside)";

/** Expressions for the compiled module: one serves all instances. Of code for several threads, one with either memory. */
function compiledFrom({ threads }: WasmCode, bytes: string, later: string): Pick<Form, "lines" | "module"> {
  if (threads) return compiledEither(threads, bytes, later);
  return {
    lines: ["let compiled;"],
    module: {
      sync: `(compiled??=new WebAssembly.Module(${bytes}))`,
      async: `(compiled??=await WebAssembly.compile(${later}))`,
    },
  };
}

const inline: MakeForm = (code, values) => {
  const { variants } = code;
  const { lines, module } = compiledFrom(code, "bytes()", "bytes()");
  return {
    lines: [
      `const text=${RUNTIME.decodeText};`,
      ...(values ? [DECODE_BASE64] : []),
      ...choosePrelude(variants),
      `const bytes=()=>${choose(variants, `text(${textLiteral(mainOf(variants))})`)};`,
      ...lines,
    ],
    module,
    stored: values ? `base64(${base64Literal(values.bytes)})` : "",
  };
};

/** Bundlers look for exactly this way to name a file. */
const beside: MakeForm = (code, values, base) => {
  const { variants } = code;
  const { lines, module } = compiledFrom(code, choose(variants, "file.now()"), choose(variants, "await file.later()"));
  return {
    lines: [
      ...(isBoth(variants) ? [`const text=${RUNTIME.decodeText};`] : []),
      ...choosePrelude(variants),
      `const file=${RUNTIME.beside}(new URL(${JSON.stringify(`./${base}.wasm`)},import.meta.url));`,
      ...lines,
    ],
    files: { ".wasm": values ? withSection(mainOf(variants), SECTION, values.bytes) : mainOf(variants) },
    module,
    stored: sectionOf("code"),
  };
};

/** The host compiles: a file per variant, and stored values in one of their own, as the section of an empty module. */
const imported: MakeForm = ({ variants }, values, base) => {
  // Some bundlers and hosts make something else of such an import.
  const check = `const module=m=>{if(m instanceof WebAssembly.Module)return m;throw Error(${JSON.stringify(NO_MODULE)})};`;
  const file = (name: string): string => JSON.stringify(`./${base}${name}`);
  const both = isBoth(variants);
  return {
    lines: [
      ...(values ? [`import weights from${file(".weights.wasm")};`] : []),
      both
        ? `const{default:wasm}=await(WebAssembly.validate(Uint8Array.of(${RELAXED_MODULE}))?import(${file(".relaxed.wasm")}):import(${file(".wasm")}));`
        : `import wasm from${file(".wasm")};`,
      check,
    ],
    files: {
      ".wasm": mainOf(variants),
      ...(both && variants.relaxed ? { ".relaxed.wasm": variants.relaxed } : {}),
      ...(values ? { ".weights.wasm": withSection(EMPTY_MODULE, SECTION, values.bytes) } : {}),
    },
    module: { sync: "module(wasm)", async: "module(wasm)" },
    stored: sectionOf("module(weights)"),
  };
};

const sectionOf = (module: string): string =>
  `new Uint8Array(WebAssembly.Module.customSections(${module},"${SECTION}")[0])`;

const isBoth = (variants: Variants): boolean => variants.plain !== undefined && variants.relaxed !== undefined;
/** The variant that is carried; the other one is a patch of it. */
const mainOf = ({ plain, relaxed }: Variants): Uint8Array => plain ?? relaxed;

const choosePrelude = (variants: Variants): string[] => {
  if (isBoth(variants)) return [`const variant=${RUNTIME.variant};`];
  if (variants.plain) return [];
  return ['const relaxed=b=>{if(WebAssembly.validate(b))return b;throw Error("this host has no relaxed SIMD")};'];
};

/** An expression for the bytes that this host is to compile, of one for those that the module carries. */
const choose = ({ plain, relaxed }: Variants, bytes: string): string => {
  if (plain === undefined) return `relaxed(${bytes})`;
  return relaxed ? `variant(${bytes},text(${textLiteral(patchOf(plain, relaxed))}))` : bytes;
};
