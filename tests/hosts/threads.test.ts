import { resolve } from "node:path";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emit } from "../../src/aot.ts";
import { compileSync } from "../../src/compile-sync.ts";
import { hasChromium, inChromium, launch } from "./chromium.ts";
import { type Served, serve } from "./serve.ts";
import wide from "./wide.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SEED = 3;

/** Two steps and a prediction: text, since it runs in pages, in workers and here. */
const LESSON = `
const x = Float32Array.from({ length: 100 * 256 }, (_, i) => ((i * 7919) % 101) / 100);
const label = Int32Array.from({ length: 100 }, (_, i) => i % 10);
export function lesson(net) {
  const losses = [0, 1].map(() => net.train({ x, label }).loss);
  return { losses, some: Array.from(net.predict({ x: x.subarray(0, 77 * 256) }).probabilities).slice(-50) };
}`;

const SELF = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

/** Pages by the headers they are served with. */
const PAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  isolated: ISOLATED,
  open: {},
  "isolated, workers from blobs": { ...ISOLATED, "content-security-policy": `${SELF}; worker-src 'self' blob:` },
  "isolated, workers of its own": { ...ISOLATED, "content-security-policy": `${SELF}; worker-src 'self'` },
};

/** What a page does with a number of threads. */
const BODY = `
import { compile, wide } from "./library.js";
import * as inline from "./inline.js";
import * as beside from "./beside.js";
import { lesson } from "./lesson.js";
const make = {
  library: options => compile(wide, { ...options, mode: "reproducible", target: "wasm" }),
  inline: inline.load,
  beside: beside.load,
};
globalThis.lessonOn = async (how, threads) => {
  const net = await make[how]({ seed: ${SEED}, threads });
  const answer = lesson(net);
  return { answer, shared: net.train.inputs.x.buffer instanceof ArrayBuffer ? "no" : "yes", close: () => net.close() };
};`;
const MAIN = `${BODY}
globalThis.inWorker = (...asked) => new Promise(done => {
  const worker = new Worker("./worker.js", { type: "module" });
  worker.onmessage = ({ data }) => done(data);
  worker.postMessage(asked);
});
globalThis.loaded = true;`;
const WORKER = `${BODY}
addEventListener("message", async ({ data }) => {
  const warnings = [];
  console.warn = text => warnings.push(text);
  const { answer, shared } = await lessonOn(...data).catch(e => ({ answer: String(e.stack) }));
  postMessage({ answer, shared, warnings });
});`;

async function site(): Promise<Map<string, Served>> {
  const { outputFiles } = await build({
    stdin: {
      contents: 'export { compile } from "gradc"; export { default as wide } from "./tests/hosts/wide.ts";',
      resolveDir: ROOT,
      loader: "ts",
    },
    absWorkingDir: ROOT,
    outdir: "out",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["source"],
    external: ["node:*"],
    write: false,
  });
  const options = { mode: "reproducible", threads: true } as const;
  const emitted = [
    ...(await emit(wide, { ...options, fileName: "inline" })),
    ...(await emit(wide, { ...options, fileName: "beside", wasm: "beside" })),
  ];
  const files = new Map<string, Served>();
  for (const [name, headers] of Object.entries(PAGES)) {
    const add = (path: string, body: string | Uint8Array): unknown =>
      files.set(`/${encodeURIComponent(name)}/${path}`, { body, headers });
    add("", '<!doctype html><script type="module" src="./main.js"></script>');
    add("main.js", MAIN);
    add("worker.js", WORKER);
    add("lesson.js", LESSON);
    for (const [file, bytes] of emitted) add(file, bytes);
    for (const file of outputFiles)
      add(file.path.slice(resolve(ROOT, "out").length + 1).replace("stdin", "library"), file.contents);
  }
  return files;
}

/** The library, or emitted modules. */
const HOWS = ["library", "inline", "beside"] as const;
type How = (typeof HOWS)[number];

interface Seen {
  readonly answer: unknown;
  readonly shared: string;
  readonly warnings: readonly string[];
  /** Workers of the page, before and after it closes the network. */
  readonly workers?: readonly number[];
}

describe.skipIf(!hasChromium)(inChromium("threads in pages"), () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let expected: unknown;

  beforeAll(async () => {
    server = await serve(await site());
    browser = await launch();
    const { lesson } = await import(`data:text/javascript,${encodeURIComponent(LESSON)}`);
    expected = lesson(compileSync(wide, { mode: "reproducible", target: "js", seed: SEED }));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function see(name: string, how: How, threads: number, where: "page" | "worker"): Promise<Seen> {
    const page = await browser.newPage();
    const warnings: string[] = [];
    page.on("console", message => {
      if (message.type() === "warning") warnings.push(message.text());
    });
    try {
      await page.goto(`${server.origin}/${encodeURIComponent(name)}/`);
      await page.waitForFunction("globalThis.loaded");
      if (where === "worker") return await page.evaluate<Seen>(`inWorker("${how}", ${threads})`);
      const seen = await page.evaluate<Seen>(
        `lessonOn("${how}", ${threads}).then(({ close, ...seen }) => { globalThis.close = close; return seen; }, e => ({ answer: String(e.stack) }))`,
      );
      const before = page.workers().length;
      await page.evaluate("close()");
      await expect.poll(() => page.workers().length).toBe(0);
      return { ...seen, warnings, workers: [before] };
    } finally {
      await page.close();
    }
  }

  test.each(HOWS)("%s: several threads where the page is isolated, the bits of one", async how => {
    const seen = { answer: expected, shared: "yes", warnings: [] };
    for (const threads of [2, 3]) {
      expect(await see("isolated", how, threads, "page")).toEqual({ ...seen, workers: [threads - 1] });
    }
    expect(await see("isolated", how, 2, "worker")).toEqual(seen);
  });

  test.each(HOWS)("%s: one thread and one message where it is not", async how => {
    const warnings = [expect.stringMatching(/^gradc: wide runs on one thread: the page is not cross-origin isolated/)];
    const seen = { answer: expected, shared: "no", warnings };
    expect(await see("open", how, 2, "page")).toEqual({ ...seen, workers: [0] });
    expect(await see("open", how, 2, "worker")).toEqual(seen);
  });

  test.each(HOWS)("%s: under a Content-Security-Policy, where it lets workers start from blobs", async how => {
    const { answer, shared, warnings, workers } = await see("isolated, workers from blobs", how, 2, "page");
    expect([answer, shared, warnings, workers]).toEqual([expected, "yes", [], [1]]);
    const refused = await see("isolated, workers of its own", how, 3, "page");
    expect(refused.answer).toEqual(expected);
    expect(refused.warnings.filter(text => text.startsWith("gradc:"))).toEqual([
      "gradc: wide runs on one thread: workers cannot be started from blob: URLs",
    ]);
  });
});
