import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

export type Tfjs = typeof import("@tensorflow/tfjs-core");

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const BUNDLE = new URL("node_modules/.cache/tfjs.cjs", import.meta.url);

/**
 * tfjs with its CPU backend and gradients. Its modules are written for bundlers (Node cannot load the one that registers
 * the gradients), so they are bundled first.
 */
export async function loadTfjs(): Promise<Tfjs> {
  buildSync({
    stdin: {
      contents: [
        'export * from "@tensorflow/tfjs-core";',
        'import "@tensorflow/tfjs-core/dist/register_all_gradients";',
        'import "@tensorflow/tfjs-backend-cpu";',
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
  const tf = ((await import(BUNDLE.href)) as { default: Tfjs }).default;
  await tf.setBackend("cpu");
  return tf;
}
