import {
  type InterfaceDeclarationStructure,
  type OptionalKind,
  Project,
  type PropertySignatureStructure,
} from "ts-morph";
import type { FunctionInterface, InputSlot, LoweredProgram, Slot } from "../../src/plan/ir.ts";
import { dimSymbols, formatDim } from "../../src/shared/dim.ts";
import { formatShape } from "../../src/shared/shape.ts";
import { manifestOf } from "../manifest/index.ts";

const ARRAYS = {
  f32: "Float32Array",
  f64: "Float64Array",
  i32: "Int32Array",
  u32: "Uint32Array",
  bool: "Uint8Array",
} as const;

/** Declarations depend on nothing, not even on the libraries that a project has chosen. */
const DISPOSABLE = '/// <reference lib="esnext.disposable" />';

type Property = OptionalKind<PropertySignatureStructure>;
type Interface = OptionalKind<InterfaceDeclarationStructure>;

/** Whatever the host's library calls WebAssembly.Module, in pages, workers, Node and at the edge. */
const WASM_MODULE =
  "object & (typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : unknown)";

/**
 * The exact types of an emitted module: one interface per function and its inputs, the net, `load` and `loadSync`. What
 * needs initialisers is there if they are.
 */
export function declarations(
  program: LoweredProgram,
  options: { readonly wasm: boolean; readonly threads?: boolean },
): string {
  const file = new Project({ useInMemoryFileSystem: true, compilerOptions: { noLib: true } }).createSourceFile(
    "m.d.ts",
  );
  const names = new TypeNames();
  const net = names.take(program.name, "Net");
  const variable = names.take("Variable", "Type");
  const manifest = manifestOf(program);
  const functions = program.interfaces.map((f, i) => {
    const type = names.take(f.name, "Function");
    const told = new Set(manifest.functions[i].steps.filter(([, input]) => input >= 0).map(([dim]) => f.dims[dim]));
    const inputs = f.inputs.length > 0 ? names.take(`${f.name}Inputs`, "Function") : undefined;
    return { f, type, inputs, told };
  });
  const interfaces: Interface[] = [];
  for (const { f, type, inputs, told } of functions) {
    const extra = f.dims.map(d => {
      const otherwise = told.has(d) ? "what the lengths tell" : d.max;
      return property(d.name, "number", `1 ≤ ${d.name} ≤ ${d.max}; default: ${otherwise}`, true);
    });
    if (inputs !== undefined) {
      interfaces.push({ name: inputs, isExported: true, properties: [...f.inputs.map(inputProperty), ...extra] });
    }
    interfaces.push(functionInterface(f, type, inputs));
  }
  interfaces.push({
    name: net,
    isExported: true,
    extends: ["Disposable"],
    docs: [`An instance of ${program.name.replaceAll("*/", "")}: its memory and functions.`],
    properties: [
      ...functions.map(({ f, type }) => property(f.name, type)),
      property("variables", `{ ${program.variables.map(v => variableText(v, variable)).join(" ")} }`),
    ],
    methods: NET_METHODS.filter(m => m.name !== "reset" || program.seed).map(m => ({
      ...m,
      docs: [...m.docs],
      parameters: [...m.parameters],
    })),
  });
  interfaces.push({
    name: variable,
    isExported: true,
    typeParameters: ["A"],
    docs: ["A parameter or state, row-major. get copies out, into an array of the caller if one is given."],
    methods: [
      { name: "get", returnType: "A" },
      {
        name: "get",
        typeParameters: ["T extends ArrayLike<number> & { set(values: ArrayLike<number>): void }"],
        parameters: [{ name: "into", type: "T" }],
        returnType: "T",
      },
      { name: "set", parameters: [{ name: "values", type: "ArrayLike<number>" }], returnType: "void" },
    ],
  });
  const loadOptions = names.take("LoadOptions", "Type");
  const wasmModule = names.take("WasmModule", "Type");
  interfaces.push({
    name: loadOptions,
    isExported: true,
    properties: [
      ...(options.wasm
        ? [property("wasm", wasmModule, "Compiled code to use instead of the module's own.", true)]
        : []),
      ...(options.threads ? [property("threads", "number", THREADS, true)] : []),
      property("weights", "Uint8Array", "A safetensors file to start from.", true),
      ...(program.seed ? [property("seed", "number", "Of the initial values; default 0.", true)] : []),
    ],
  });
  if (options.wasm) {
    file.addTypeAlias({ name: wasmModule, isExported: true, docs: ["A WebAssembly.Module."], type: WASM_MODULE });
  }
  file.addInterfaces(interfaces);
  file.addFunctions([
    {
      name: "load",
      isExported: true,
      docs: ["Makes an instance; instances are independent and share their code."],
      parameters: [{ name: "options", type: loadOptions, hasQuestionToken: true }],
      returnType: `Promise<${net}>`,
    },
    {
      name: "loadSync",
      isExported: true,
      parameters: [{ name: "options", type: loadOptions, hasQuestionToken: true }],
      returnType: net,
    },
  ]);
  file.formatText({ indentSize: 2 });
  return `${DISPOSABLE}\n${file.getFullText()}`;
}

const THREADS =
  "Threads that share the work of a call, the caller's among them; default 1. Where the host has none to offer, 1.";

const NET_METHODS = [
  {
    name: "save",
    docs: ['All variables as a safetensors file; with { only: "params" } what is trained.'],
    parameters: [{ name: "options", type: '{ readonly only?: "params" }', hasQuestionToken: true }],
    returnType: "Uint8Array",
  },
  {
    name: "restore",
    docs: ["Reads a safetensors file. Nothing is changed unless all of it fits."],
    parameters: [
      { name: "bytes", type: "Uint8Array" },
      {
        name: "options",
        type: "{ readonly rename?: Readonly<Record<string, string>>; readonly strict?: boolean }",
        hasQuestionToken: true,
      },
    ],
    returnType: "{ readonly missing: string[]; readonly unexpected: string[] }",
  },
  {
    name: "reset",
    docs: ["Gives all variables their initial values."],
    parameters: [{ name: "seed", type: "number", hasQuestionToken: true }],
    returnType: "void",
  },
  { name: "close", docs: ["Ends the instance; it cannot be called afterwards."], parameters: [], returnType: "void" },
] as const;

function functionInterface(f: FunctionInterface, name: string, inputs: string | undefined): Interface {
  const optional = f.inputs.every(i => i.default !== undefined);
  const outputs = f.outputs.map(o => `readonly ${key(o.name)}: ${o.shape.length ? ARRAYS[o.dtype] : "number"};`);
  const sizes = f.dims.map(d => `readonly ${d.name}?: number`).join("; ");
  return {
    name,
    isExported: true,
    callSignatures: [
      {
        docs: [outputsText(f.outputs)],
        parameters: inputs === undefined ? [] : [{ name: "inputs", type: inputs, hasQuestionToken: optional }],
        returnType: outputs.length > 0 ? `{ ${outputs.join(" ")} }` : "Record<string, never>",
      },
    ],
    methods: [
      {
        name: "run",
        docs: ["Runs on what the resident views hold. No copies, no allocation."],
        parameters: f.dims.length === 0 ? [] : [{ name: "sizes", type: `{ ${sizes} }`, hasQuestionToken: true }],
        returnType: "void",
      },
    ],
    properties: [
      { ...property("inputs", viewsText(f.inputs)), docs: ["Resident views, as long as the largest sizes."] },
      property("outputs", viewsText(f.outputs)),
    ],
  };
}

const viewsText = (slots: readonly Slot[]): string =>
  slots.length === 0 ? "{}" : `{ ${slots.map(s => `readonly ${key(s.name)}: ${ARRAYS[s.dtype]};`).join(" ")} }`;

const outputsText = (slots: readonly Slot[]): string =>
  slots.length === 0
    ? "Returns nothing but an empty record."
    : `Returns ${slots.map(o => `${o.name}: ${typeText(o)}`).join("; ")}.`;

const variableText = (v: Slot, type: string): string =>
  `/** ${typeText(v)} */ readonly ${key(v.name)}: ${type}<${ARRAYS[v.dtype]}>;`;

function inputProperty(slot: InputSlot): Property {
  const scalar = slot.dtype === "bool" ? "number | boolean" : "number";
  const type =
    slot.shape.length === 0 ? scalar : slot.dtype === "bool" ? "ArrayLike<number | boolean>" : "ArrayLike<number>";
  return property(slot.name, type, inputText(slot), slot.default !== undefined);
}

/** `i32 [B], 1 ≤ B ≤ 64, 0 ≤ label < 10` */
function inputText(slot: InputSlot): string {
  const bounds = dimSymbols(slot.shape).map(d => `, 1 ≤ ${d.name} ≤ ${d.max}`);
  const below = slot.below?.map(formatDim).join(" and ");
  const range = below === undefined ? "" : `, 0 ≤ ${slot.name} < ${below}`;
  const fallback = slot.default === undefined ? "" : `, default ${slot.default}`;
  return `${typeText(slot)}${bounds.join("")}${range}${fallback}`;
}

/** `f32 [B, 64]`, or `f32` for a scalar. */
const typeText = (slot: Slot): string => (slot.shape.length ? `${slot.dtype} ${formatShape(slot.shape)}` : slot.dtype);

const property = (name: string, type: string, doc?: string, optional = false): Property => ({
  name: key(name),
  type,
  isReadonly: true,
  hasQuestionToken: optional,
  // Inline comments: /** … */ on one line.
  ...(doc === undefined ? {} : { docs: [doc.replaceAll("*/", "")] }),
});

/** Names that are not identifiers are quoted. */
const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** Names of types: PascalCase, each once, none of those that the declarations use. */
class TypeNames {
  readonly #taken = new Set([
    ...Object.values(ARRAYS),
    "ArrayLike",
    "Disposable",
    "Promise",
    "Readonly",
    "Record",
    "WebAssembly",
  ]);

  take(name: string, suffix: string): string {
    const words = name.split(/[^A-Za-z0-9$]+/).filter(w => w !== "");
    let pascal = words.map(w => w[0].toUpperCase() + w.slice(1)).join("");
    if (!/^[A-Za-z$]/.test(pascal)) pascal = suffix + pascal;
    while (this.#taken.has(pascal)) pascal += suffix;
    this.#taken.add(pascal);
    return pascal;
  }
}
