import { Project, ts } from "ts-morph";

const LIBRARIES = ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"];

/** What TypeScript says of each of some files, with no library but the language's own and those asked for. */
export function typeErrors(
  files: Readonly<Record<string, string>>,
  libraries: readonly string[] = [],
): Map<string, string[]> {
  const project = new Project({
    compilerOptions: {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: [...LIBRARIES, ...libraries],
      types: [],
    },
    useInMemoryFileSystem: true,
  });
  for (const [name, text] of Object.entries(files)) project.createSourceFile(`/${name}`, text);
  const errors = new Map<string, string[]>(Object.keys(files).map(name => [name, []]));
  for (const d of project.getPreEmitDiagnostics()) {
    const path: string | undefined = d.getSourceFile()?.getFilePath();
    errors.get(path?.slice(1) ?? "")?.push(String(d.getMessageText()));
  }
  return errors;
}
