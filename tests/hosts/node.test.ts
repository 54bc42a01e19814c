import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import digits from "../../examples/digits.ts";
import { emit } from "../../src/aot.ts";
import { expectClose } from "../support/everywhere.ts";
import { LESSON, lessonHere } from "./lesson.ts";
import wide from "./wide.ts";

const MAJORS = [20, 22, 24];

/** The Nodes on the path and those that GRADC_NODES lists, by major version. */
function nodes(): Map<number, string> {
  const folders = (process.env.PATH ?? "").split(delimiter).map(folder => join(folder, "node"));
  const listed = (process.env.GRADC_NODES ?? "").split(delimiter).filter(path => path !== "");
  const found = new Map<number, string>();
  for (const path of [process.execPath, ...listed, ...folders].filter(path => existsSync(path))) {
    const major = Number(/^v(\d+)/.exec(execFileSync(path, ["--version"], { encoding: "utf8" }))?.[1]);
    if (!found.has(major)) found.set(major, path);
  }
  return found;
}

const FORMS = {
  js: { target: "js" },
  inline: {},
  beside: { wasm: "beside" },
} as const;

const found = nodes();
let directory = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "gradc-node-"));
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  writeFileSync(join(directory, "lesson.js"), LESSON);
  for (const [name, bytes] of await emit(wide, { threads: true })) writeFileSync(join(directory, name), bytes);
  for (const [form, options] of Object.entries(FORMS)) {
    for (const mode of ["fast", "reproducible"] as const) {
      const files = await emit(digits, { ...options, mode, fileName: `${form}-${mode}` });
      for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes);
    }
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

function lessonOf(node: string, module: string) {
  const script = `import { load, loadSync } from "./${module}.js"; import { lesson, seed } from "./lesson.js";
    console.log(JSON.stringify([lesson(loadSync({ seed })), lesson(await load({ seed }))]));`;
  writeFileSync(join(directory, "run.js"), script);
  return JSON.parse(execFileSync(node, [join(directory, "run.js")], { encoding: "utf8" }));
}

describe.each(MAJORS)("Node %i", major => {
  const node = found.get(major);
  const title = node === undefined ? "%s (skipped: no such Node on the path; GRADC_NODES=<paths>)" : "%s";

  test.skipIf(node === undefined).each(Object.keys(FORMS) as (keyof typeof FORMS)[])(title, async form => {
    if (node === undefined) return;
    const target = form === "js" ? "js" : "wasm";
    const expected = await lessonHere({ target, mode: "reproducible" });
    expect(lessonOf(node, `${form}-reproducible`)).toEqual([expected, expected]);
    const close = await lessonHere({ target });
    const [now, later] = lessonOf(node, `${form}-fast`);
    expect(later).toEqual(now);
    expectClose(now.losses, close.losses, 1e-5, "losses");
    expectClose(now.probabilities, close.probabilities, 1e-5, "probabilities");
  });

  test.skipIf(node === undefined)(title.replace("%s", "several threads"), () => {
    if (node === undefined) return;
    const script = `import { load, loadSync } from "./wide.js";
      const [x, label] = [new Float32Array(100 * 256).map((_, i) => Math.sin(i)), new Int32Array(100).fill(3)];
      const lesson = net => [net.train({ x, label }).loss, ...net.predict({ x }).probabilities.subarray(0, 9)];
      const nets = [loadSync({ seed: 3 }), await load({ seed: 3, threads: 2 }), await load({ seed: 3, threads: 3 })];
      // The pools of the last two are idle when the process ends.
      console.log(JSON.stringify(nets.map(lesson)));`;
    writeFileSync(join(directory, "threads.js"), script);
    const run = execFileSync(node, [join(directory, "threads.js")], { encoding: "utf8", timeout: 60_000 });
    const [one, two, three] = JSON.parse(run);
    expect(one.length).toBe(10);
    expect([two, three]).toEqual([one, one]);
  });
});
