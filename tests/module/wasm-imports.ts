import { execFileSync } from "node:child_process";

/** Hooks that make an import of .wasm give a WebAssembly.Module, as hosts at the edge do. */
const HOOKS = `
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
registerHooks({
  load(url, context, next) {
    if (!url.endsWith(".wasm")) return next(url, context);
    const source = \`import { readFileSync } from "node:fs";
      export default new WebAssembly.Module(readFileSync(new URL(\${JSON.stringify(url)})));\`;
    return { format: "module", source, shortCircuit: true };
  },
});`;

/** What a module prints in a process of its own in which .wasm can be imported. */
export const runWithWasmImports = (script: string): string =>
  execFileSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(HOOKS)}`, "--input-type=module", "-e", script],
    { encoding: "utf8" },
  );
