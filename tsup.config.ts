import { defineConfig } from "tsup";

const entries = { index: "src/index.ts", nn: "src/nn/index.ts", weights: "src/weights/index.ts", aot: "src/aot.ts" };

export default defineConfig({
  entry: { ...entries, cli: "src/cli/main.ts" },
  format: "esm",
  target: ["node22", "es2023"],
  platform: "neutral",
  // What entries share is one chunk: a Tensor made by gradc is the Tensor that gradc/nn and gradc/aot know.
  splitting: true,
  // scripts/augment-types.ts finishes the declarations.
  // A project need not have chosen the library that declares Disposable.
  dts: { entry: entries, banner: '/// <reference lib="esnext.disposable" />' },
  clean: true,
  removeNodeProtocol: false,
  external: ["ts-morph", "commander", "cli-progress", /^node:/],
});
