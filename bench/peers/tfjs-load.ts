import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

export type Tfjs = typeof import("@tensorflow/tfjs-core");
export type Backend = "cpu" | "wasm";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const BUNDLE = new URL("../node_modules/.cache/tfjs.cjs", import.meta.url);
const WASM_FILES = fileURLToPath(new URL("../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url));

let loaded: Promise<Tfjs> | undefined;

/**
 * tfjs with gradients and both of its backends without native code. There is one tfjs in a process: `setBackend` says
 * which backend the next operations run on. Its modules are written for bundlers (Node cannot load the one that
 * registers the gradients), so they are bundled first.
 */
export function loadTfjs(): Promise<Tfjs> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Tfjs> {
  buildSync({
    stdin: {
      contents: [
        'export * from "@tensorflow/tfjs-core";',
        'import "@tensorflow/tfjs-core/dist/register_all_gradients";',
        'import "@tensorflow/tfjs-backend-cpu";',
        'export { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";',
      ].join("\n"),
      resolveDir: FOLDER,
    },
    bundle: true,
    format: "cjs",
    platform: "node",
    mainFields: ["module", "main"],
    outfile: fileURLToPath(BUNDLE),
    logLevel: "error",
  });
  type Bundle = Tfjs & typeof import("@tensorflow/tfjs-backend-wasm");
  const tf = ((await import(BUNDLE.href)) as { default: Bundle }).default;
  tf.enableProdMode();
  tf.setWasmPaths(WASM_FILES);
  for (const backend of ["wasm", "cpu"]) {
    if (!(await tf.setBackend(backend))) throw new Error(`tfjs: no backend ${backend}`);
  }
  return tf;
}
