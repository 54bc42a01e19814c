import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type FunctionDeclaration,
  type JSDoc,
  Project,
  type SourceFile,
  SyntaxKind,
  type TypeParameterDeclaration,
} from "ts-morph";
import { invariant } from "../src/shared/errors.ts";

const SOURCE = fileURLToPath(new URL("../src", import.meta.url));
const TARGET = "program/fluent.generated.ts";
/** Members that Tensor has of its own. */
const TAKEN = new Set(["node", "index", "dtype", "shape", "type", "rank", "toString", "constructor", "scalar"]);

/**
 * Files of src/ops whose functions become methods: what nearly every model is written with. Methods are part of every
 * page that has tensors; functions of other files only of pages that import them.
 */
export const BASIC: ReadonlySet<string> = new Set(
  (
    "activation argmax arithmetic cast coerce compare concat contraction cross-entropy custom expand extremum flip gather " +
    "log-sum-exp logic maximum norm one-hot pad power prefix prod rearrange reduce reshape rounding select slice softmax " +
    "statistics sum transcendental transpose view"
  ).split(" "),
);

/** Control flow stays functions: results in the form of what bodies return would make the type of Tensor refer to itself. */
const FUNCTIONS = new Set(["cond"]);

/** One call signature as it stands in the source, with the first parameter to become `this`. */
interface Signature {
  readonly typeParameters: readonly TypeParameterDeclaration[];
  readonly parameters: readonly { readonly name: string; readonly text: string }[];
  readonly first: string;
  readonly result: string;
  readonly doc: readonly string[];
}

interface Method {
  readonly name: string;
  readonly file: SourceFile;
  readonly signatures: readonly Signature[];
}

/** Source files are parsed, not type-checked: the generator stays fast. */
function parse(): Project {
  const project = new Project({ skipAddingFilesFromTsConfig: true, skipFileDependencyResolution: true });
  project.addSourceFilesAtPaths([`${SOURCE}/api.ts`, `${SOURCE}/ops/*.ts`, `${SOURCE}/ops/linalg/*.ts`]);
  return project;
}

/** The names that src/api.ts exports from src/ops, with the file that declares each. */
function exportedFunctions(project: Project): { readonly name: string; readonly file: SourceFile }[] {
  const api = project.getSourceFileOrThrow(`${SOURCE}/api.ts`);
  return api.getExportDeclarations().flatMap(declaration => {
    const module = declaration.getModuleSpecifierValue() ?? "";
    if (!module.startsWith("./ops/") || declaration.isTypeOnly()) return [];
    const names = declaration.getNamedExports().filter(e => !e.isTypeOnly());
    return names.map(e => ({
      name: e.getName(),
      file: declaringFile(project, posix.join(SOURCE, module), e.getName()),
    }));
  });
}

function declaringFile(project: Project, path: string, name: string): SourceFile {
  const file = project.getSourceFileOrThrow(path);
  if (file.getFunction(name) || file.getVariableDeclaration(name)) return file;
  for (const declaration of file.getExportDeclarations()) {
    const module = declaration.getModuleSpecifierValue();
    if (module && declaration.getNamedExports().some(e => e.getName() === name)) {
      return declaringFile(project, posix.join(posix.dirname(path), module), name);
    }
  }
  throw new Error(`src/api.ts exports ${name} from ${path}, which does not declare it`);
}

/** The lines of a doc comment, without what it says of the first parameter. */
function docLines(docs: readonly JSDoc[], first: string): string[] {
  const text = docs.map(d => d.getInnerText()).join("\n");
  const lines: string[] = [];
  let skipping = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("@")) skipping = line.startsWith(`@param ${first} `);
    if (!skipping) lines.push(line);
  }
  return lines.filter((l, i) => l !== "" || lines[i - 1] !== "");
}

type Callable = Pick<FunctionDeclaration, "getTypeParameters" | "getParameters" | "getReturnTypeNode">;

function signatureOf(name: string, callable: Callable, docs: readonly JSDoc[]): Signature | undefined {
  const typeParameters = callable.getTypeParameters();
  const [self, ...rest] = callable.getParameters();
  const first = self?.getTypeNode()?.getText() ?? "";
  const constraint = typeParameters
    .find(t => t.getName() === first)
    ?.getConstraint()
    ?.getText();
  if (!/^(Tensor|Scalar|Operand)\b/.test(constraint ?? first) || self.isRestParameter()) return undefined;
  const result = callable.getReturnTypeNode()?.getText();
  invariant(result !== undefined, `${name} has no written result type`);
  return {
    typeParameters,
    first,
    result,
    parameters: rest.map(p => ({ name: p.getName(), text: parameterText(name, p) })),
    doc: docLines(docs, self.getName()),
  };
}

function parameterText(name: string, p: ReturnType<FunctionDeclaration["getParameters"]>[number]): string {
  const type = p.getTypeNode()?.getText() ?? typeOfLiteral(p.getInitializer()?.getText() ?? "");
  invariant(type !== undefined, `${name}: parameter ${p.getName()} has no written type`);
  if (p.isRestParameter()) return `...${p.getName()}: ${type}`;
  // A destructured parameter has no name that a declaration could use.
  const label = /^[\w$]+$/.test(p.getName()) ? p.getName() : "options";
  return `${label}${p.isOptional() ? "?" : ""}: ${type}`;
}

function typeOfLiteral(text: string): string | undefined {
  if (/^-?[\d.]+(e-?\d+)?$/.test(text)) return "number";
  if (text === "true" || text === "false") return "boolean";
  return /^["']/.test(text) ? "string" : undefined;
}

function methodOf(name: string, file: SourceFile): Method | undefined {
  const declared = file.getFunction(name);
  const signatures: (Signature | undefined)[] = [];
  if (declared) {
    const overloads = declared.getOverloads();
    const docs = [...overloads, declared].find(d => d.getJsDocs().length > 0)?.getJsDocs() ?? [];
    for (const one of overloads.length > 0 ? overloads : [declared]) {
      signatures.push(signatureOf(name, one, one.getJsDocs().length > 0 ? one.getJsDocs() : docs));
    }
  } else {
    const variable = file.getVariableDeclarationOrThrow(name);
    const arrow = variable.getInitializerIfKind(SyntaxKind.ArrowFunction);
    if (arrow) signatures.push(signatureOf(name, arrow, variable.getVariableStatementOrThrow().getJsDocs()));
  }
  const usable = signatures.filter(s => s !== undefined);
  return usable.length > 0 && !TAKEN.has(name) && !FUNCTIONS.has(name) ? { name, file, signatures: usable } : undefined;
}

/** What the generated file needs besides the methods. */
interface Surroundings {
  /** Type names by the file they are imported from. */
  readonly imports: Map<string, Set<string>>;
  /** Types that a file of src/ops keeps to itself: copied. */
  readonly copies: Map<string, string>;
}

const typeNames = (text: string): string[] => [...new Set(text.replace(/"[^"]*"/g, "").match(/\b[A-Z]\w*/g) ?? [])];

function addTypes(method: Method, into: Surroundings): void {
  for (const s of method.signatures) {
    const own = new Set(s.typeParameters.map(t => t.getName()));
    const parts = [s.first, s.result, ...s.parameters.map(p => p.text), ...s.typeParameters.map(t => t.getText())];
    for (const name of typeNames(parts.join(" "))) if (!own.has(name)) addType(method.file, name, into);
  }
}

function addType(file: SourceFile, name: string, into: Surroundings): void {
  if (name === "Tensor" || name === "Scalar" || GLOBAL_TYPES.has(name)) return;
  const from = file.getImportDeclaration(d => d.getNamedImports().some(i => i.getName() === name));
  if (from) {
    add(into.imports, posix.join(posix.dirname(file.getFilePath()), from.getModuleSpecifierValue()), name);
    return;
  }
  const declared = file.getInterface(name) ?? file.getTypeAlias(name);
  invariant(declared, `${file.getBaseName()}: type ${name} is neither imported nor declared`);
  if (declared.isExported()) {
    add(into.imports, file.getFilePath(), name);
    return;
  }
  const text = declared.getText();
  const known = into.copies.get(name);
  invariant(known === undefined || known === text, `two types named ${name}: export one of them`);
  if (known !== undefined) return;
  into.copies.set(name, text);
  const own = new Set(declared.getTypeParameters().map(t => t.getName()));
  const inferred = new Set([...text.matchAll(/infer (\w+)/g)].map(m => m[1]));
  for (const other of typeNames(text)) {
    if (other !== name && !own.has(other) && !inferred.has(other)) addType(file, other, into);
  }
}

const GLOBAL_TYPES = new Set(["NoInfer", "Readonly", "Record", "Partial", "Pick", "Omit", "ArrayLike"]);

function add(groups: Map<string, Set<string>>, key: string, value: string): void {
  const group = groups.get(key) ?? new Set();
  groups.set(key, group.add(value));
}

function methodText({ name, signatures }: Method): string {
  return signatures
    .map(s => {
      const generics = s.typeParameters.map(t => t.getText()).join(", ");
      const parameters = [`this: ${s.first}`, ...s.parameters.map(p => p.text)].join(", ");
      const doc = s.doc.length === 1 ? [`/** ${s.doc[0]} */`] : ["/**", ...s.doc.map(l => ` * ${l}`.trimEnd()), " */"];
      const head = `${name}${generics === "" ? "" : `<${generics}>`}(${parameters}): ${s.result};`;
      return [...(s.doc.length === 0 ? [] : doc), head.replace(/\s*\n\s*/g, " ")].map(l => `    ${l}`).join("\n");
    })
    .join("\n");
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function importLines(groups: ReadonlyMap<string, ReadonlySet<string>>, keyword: string): string[] {
  const relative = (path: string): string => posix.relative(posix.join(SOURCE, "program"), path);
  return [...groups]
    .map(([path, names]) => ({ path: relative(path), names: [...names].sort(byText) }))
    .sort((a, b) => byText(a.path, b.path))
    .map(({ path, names }) => {
      const from = path.startsWith(".") ? path : `./${path}`;
      return `${keyword} { ${names.join(", ")} } from ${JSON.stringify(from)};`;
    });
}

/** src/program/fluent.generated.ts: `x.add(y)` for every function of the vocabulary whose first parameter is a tensor. */
export function generateFluent(): { readonly path: string; readonly text: string } {
  const project = parse();
  const methods = exportedFunctions(project)
    .filter(({ file }) => BASIC.has(file.getBaseNameWithoutExtension()))
    .map(({ name, file }) => methodOf(name, file))
    .filter(m => m !== undefined)
    .sort((a, b) => byText(a.name, b.name));
  const into: Surroundings = { imports: new Map(), copies: new Map() };
  const functions = new Map<string, Set<string>>();
  add(into.imports, `${SOURCE}/shared/dtype.ts`, "DType");
  for (const method of methods) {
    addTypes(method, into);
    add(functions, method.file.getFilePath(), method.name);
  }
  const text = `// Generated by scripts/generate-fluent.ts from the functions of src/ops that src/api.ts exports. Do not edit.

import { type Scalar, Tensor } from "../graph/tensor.ts";
${[...importLines(into.imports, "import type"), ...importLines(functions, "import")].join("\n")}
${[...into.copies.values()].map(text => `\n${text}\n`).join("")}
declare module "../graph/tensor.ts" {
  interface Tensor<D extends DType = DType> {
${methods.map(methodText).join("\n")}
  }
}

type Method = (self: never, ...rest: never[]) => unknown;

const METHODS: Readonly<Record<string, Method>> = {
${methods.map(m => `  ${m.name},`).join("\n")}
};

for (const [name, method] of Object.entries(METHODS)) {
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(this: never, ...rest: never[]) {
      return method(this, ...rest);
    },
  });
}
`;
  return { path: `src/${TARGET}`, text };
}
