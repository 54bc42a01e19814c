/**
 * Finishes the declarations that tsup bundles. The fluent methods are declared as an augmentation of the module that
 * Tensor comes from; once bundled, that module is a chunk whose name holds a hash, and a class can be augmented only
 * where it is declared as exported, not where a list exports it later.
 *   node scripts/augment-types.ts
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const SOURCE = 'declare module "../graph/tensor.ts"';
const CLASS = "declare class Tensor<";

const dist = resolve(import.meta.dirname, "../dist");
const texts = new Map(
  readdirSync(dist)
    .filter(name => name.endsWith(".d.ts"))
    .map(name => [name, readFileSync(join(dist, name), "utf8")]),
);

/** The one file with a text. */
function fileWith(text: string): string {
  const found = [...texts].filter(([, content]) => content.split(text).length === 2).map(([name]) => name);
  if (found.length !== 1) throw new Error(`${JSON.stringify(text)} stands in ${found.length} declaration files, not 1`);
  return found[0];
}

function replace(file: string, from: string, to: string): void {
  texts.set(file, (texts.get(file) ?? "").replace(from, to));
}

const home = fileWith(`\n${CLASS}`);
const augmentation = fileWith(SOURCE);
replace(home, `\n${CLASS}`, `\nexport ${CLASS}`);
replace(augmentation, SOURCE, `declare module "./${home.replace(/\.d\.ts$/, ".js")}"`);
for (const file of new Set([home, augmentation])) writeFileSync(join(dist, file), texts.get(file) ?? "");
