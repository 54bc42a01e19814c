import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import digits from "../../examples/digits.ts";
import { emit } from "../../src/aot.ts";
import { expectClose } from "../support/everywhere.ts";
import { hasChromium, inChromium, launch } from "./chromium.ts";
import { type Answer, LESSON, lessonHere } from "./lesson.ts";
import { type Served, serve } from "./serve.ts";

const PAGE = `
import * as inline from "./inline.js";
import * as beside from "./beside.js";
import * as exact from "./exact.js";
import { lesson, seed } from "./lesson.js";
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const inWorker = new Promise(done => { worker.onmessage = ({ data }) => done(data); });
globalThis.done = (async () => ({
  inline: lesson(await inline.load({ seed })),
  beside: lesson(await beside.load({ seed })),
  exact: lesson(await exact.load({ seed })),
  worker: await inWorker,
}))().catch(e => String(e.stack));`;

const WORKER = `
import { load } from "./exact.js";
import { lesson, seed } from "./lesson.js";
load({ seed }).then(net => postMessage(lesson(net)), e => postMessage(String(e.stack)));`;

let directory = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "gradc-vite-"));
  const files: Record<string, string> = {
    "index.html": '<!doctype html><script type="module" src="./main.js"></script>',
    "main.js": PAGE,
    "worker.js": WORKER,
    "lesson.js": LESSON,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  for (const [fileName, options] of Object.entries({
    inline: {},
    beside: { wasm: "beside" },
    exact: { wasm: "beside", mode: "reproducible" },
  } as const)) {
    for (const [name, bytes] of await emit(digits, { ...options, fileName }))
      writeFileSync(join(directory, name), bytes);
  }
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Builds the page into a folder; assets below `inlined` bytes become data: URLs. */
async function built(folder: string, inlined: number): Promise<Map<string, Served>> {
  const outDir = join(directory, folder);
  mkdirSync(outDir);
  await build({
    root: directory,
    configFile: false,
    logLevel: "error",
    worker: { format: "es" },
    build: { outDir, assetsInlineLimit: inlined, emptyOutDir: true },
  });
  const paths = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return new Map(
    paths.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(outDir.length).replaceAll("\\", "/"), { body: readFileSync(path) }];
    }),
  );
}

describe.skipIf(!hasChromium)(inChromium("bundled by Vite"), () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test.each([
    ["with WebAssembly in files", 0],
    ["with WebAssembly in data: URLs", 1e6],
  ] as const)("%s: trains as here", async (name, inlined) => {
    const files = await built(`dist-${inlined}`, inlined);
    expect([...files.keys()].filter(path => path.endsWith(".wasm"))).toHaveLength(inlined === 0 ? 2 : 0);
    const server = await serve(new Map([...files, ["/", files.get("/index.html") ?? { body: "" }]]));
    const page = await browser.newPage();
    await page.goto(server.origin);
    const answers = (await page.evaluate("done")) as Record<string, Answer>;
    await page.close();
    await server.close();
    const exact = await lessonHere({ target: "wasm", mode: "reproducible" });
    expect(answers.exact, name).toEqual(exact);
    expect(answers.worker, name).toEqual(exact);
    const close = await lessonHere({ target: "wasm" });
    for (const form of ["inline", "beside"]) {
      expectClose(answers[form].losses, close.losses, 1e-5, `${form}: losses`);
      expectClose(answers[form].probabilities, close.probabilities, 1e-5, `${form}: probabilities`);
    }
  });
});
