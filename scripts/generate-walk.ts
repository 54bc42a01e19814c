import { readFileSync } from "node:fs";
import { generateJs } from "../codegen/js/index.ts";
import { lower } from "../src/compile.ts";
import { inspect } from "../src/inspect.ts";
import { optimizeProgram } from "../src/pipeline.ts";
import { present } from "../src/shared/errors.ts";
import { TARGETS } from "../src/targets.ts";
import walk from "./walk-example.ts";

/** Fills the marked blocks of ARCHITECTURE.md with what each stage prints. */
export function generateWalk(): { readonly path: string; readonly text: string } {
  const path = "ARCHITECTURE.md";
  const text = readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
  // Initialisers are left out: the walk is about the training step.
  const lowered = lower(walk.graph, TARGETS.js, "fast", { initialisers: false });
  const { fired } = optimizeProgram(walk.graph, "fast", undefined, false);
  const rules = [...new Set(fired.map(f => `${f.rule} (${f.contract}): ${f.equation}`))];
  const blocks: Readonly<Record<string, string>> = {
    graph: inspect(walk, { stage: "graph" }),
    autodiff: inspect(walk, { stage: "autodiff" }),
    fired: rules.join("\n"),
    optimized: inspect(walk, { stage: "optimized" }),
    plan: inspect(walk, { stage: "plan" }),
    kernels: inspect(walk, { stage: "kernels" }),
    js: generateJs(lowered),
  };
  return {
    path,
    text: text.replace(/<!-- walk:(\w+) -->[\s\S]*?<!-- \/walk -->/g, (_whole, name: string) => {
      const block = present(blocks[name], `ARCHITECTURE.md asks for an unknown stage ${name}`);
      const language = name === "js" ? "js" : "";
      return `<!-- walk:${name} -->\n\`\`\`${language}\n${block.trimEnd()}\n\`\`\`\n<!-- /walk -->`;
    }),
  };
}
