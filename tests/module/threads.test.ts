import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { sharedFlagOf } from "../../codegen/wasm/module-builder.ts";
import { type EmitOptions, emit } from "../../src/aot.ts";
import { compileSync, type GradcError } from "../../src/index.ts";
import type { NetBase, NetFunction } from "../../src/runtime/net.ts";
import wide from "../hosts/wide.ts";
import { bitsOf } from "../support/everywhere.ts";

type Wide = NetBase & { readonly train: NetFunction; readonly predict: NetFunction };
interface LoadOptions {
  readonly seed?: number;
  readonly threads?: number;
  readonly weights?: Uint8Array;
  readonly wasm?: WebAssembly.Module;
}
interface Emitted {
  load(options?: LoadOptions): Promise<Wide>;
  loadSync(options?: LoadOptions): Wide;
}

let directory = "";
let count = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gradc-threads-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const open: Wide[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  for (const net of open.splice(0)) net.close();
});

async function emitted(options: EmitOptions): Promise<{ readonly module: Emitted; readonly path: string }> {
  const fileName = `m${count++}`;
  for (const [name, bytes] of await emit(wide, { threads: true, ...options, fileName })) {
    writeFileSync(join(directory, name), bytes);
  }
  const path = join(directory, fileName);
  return { module: await import(pathToFileURL(`${path}.js`).href), path };
}

const x = Float32Array.from({ length: 100 * 256 }, (_, i) => Math.sin(i));
const label = Int32Array.from({ length: 100 }, (_, i) => i % 10);

function lesson(net: Wide): string[] {
  open.push(net);
  const losses = [0, 1].map(() => bitsOf(net.train({ x, label }).loss));
  return [...losses, bitsOf(net.predict({ x }).probabilities), bitsOf(net.variables["l1.w"].get())];
}
const lessonHere = (mode: "fast" | "reproducible"): string[] =>
  lesson(compileSync(wide, { target: "wasm", mode, seed: 3 }) as unknown as Wide);
const isShared = (net: Wide): boolean => net.train.inputs.x.buffer instanceof SharedArrayBuffer;

describe("a module for several threads", () => {
  test.each([
    { wasm: "inline", mode: "fast" },
    { wasm: "inline", mode: "reproducible" },
    { wasm: "beside", mode: "fast" },
    { wasm: "beside", mode: "reproducible" },
  ] as const)("gives the same bits on any number: $wasm, $mode", async ({ wasm, mode }) => {
    const { module } = await emitted({ wasm, mode });
    const expected = lessonHere(mode);
    for (const threads of [1, 2, 3]) {
      const net = await module.load({ seed: 3, threads });
      expect(lesson(net), `${threads} threads`).toEqual(expected);
      expect(isShared(net)).toBe(threads > 1);
    }
    expect(lesson(await module.load({ seed: 3 }))).toEqual(expected);
    expect(lesson(module.loadSync({ seed: 3, threads: 2 }))).toEqual(expected);
  });

  test("needs no shared memory for one thread", async () => {
    const { module } = await emitted({});
    const memories: WebAssembly.MemoryDescriptor[] = [];
    class Memory extends WebAssembly.Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        memories.push(descriptor);
      }
    }
    vi.stubGlobal("WebAssembly", Object.assign(Object.create(WebAssembly), { Memory }));
    vi.spyOn(console, "warn").mockReturnValue();
    vi.stubGlobal("crossOriginIsolated", false);
    expect(lesson(await module.load({ seed: 3, threads: 4 }))).toEqual(lessonHere("fast"));
    expect(memories.map(m => m.shared)).toEqual([false]);
    expect(vi.mocked(console.warn).mock.calls.flat()).toEqual([
      expect.stringMatching(/^gradc: wide runs on one thread: the page is not cross-origin isolated/),
    ]);
  });

  test("takes code that the caller compiled", async () => {
    const { module, path } = await emitted({ wasm: "beside", simd: "plain" });
    const wasm = new WebAssembly.Module(readFileSync(`${path}.wasm`));
    const expected = lesson(await module.load({ seed: 3 }));
    expect(lesson(await module.load({ seed: 3, wasm, threads: 2 }))).toEqual(expected);
    expect(lesson(module.loadSync({ seed: 3, wasm }))).toEqual(expected);
  });

  test("holds baked weights in every thread", async () => {
    const source = compileSync(wide, { target: "wasm", seed: 5 });
    source.train({ x, label });
    const expected = bitsOf(source.predict({ x }).probabilities);
    for (const wasm of ["inline", "beside"] as const) {
      const { module } = await emitted({ only: ["predict"], bake: source.save(), wasm });
      for (const threads of [1, 2]) {
        const net = await module.load({ threads });
        open.push(net);
        expect(bitsOf(net.predict({ x }).probabilities)).toBe(expected);
      }
    }
  });

  test("starts from weights, and ends its workers where they do not fit", async () => {
    const { module } = await emitted({});
    const source = compileSync(wide, { target: "wasm", seed: 5 });
    const net = await module.load({ weights: source.save(), threads: 2 });
    open.push(net);
    expect(bitsOf(net.variables["l1.w"].get())).toBe(bitsOf(source.variables["l1.w"].get()));
    const ended = new Promise(resolve => process.once("worker", worker => worker.once("exit", resolve)));
    await expect(module.load({ weights: new Uint8Array(3), threads: 2 })).rejects.toMatchObject({
      code: "safetensors",
    });
    await ended;
  });

  test.each([0, 1.5, 257])("refuses %d threads", async threads => {
    const { module } = await emitted({});
    expect(() => module.loadSync({ threads })).toThrow(
      `wide: threads cannot be ${threads}\n  expected  a whole number from 1 to 256`,
    );
    await expect(module.load({ threads })).rejects.toMatchObject({ code: "attribute" });
  });

  test("says in its types that it takes threads; others do not", async () => {
    const types = async (threads: boolean): Promise<string> =>
      new TextDecoder().decode((await emit(wide, { threads })).get("wide.d.ts"));
    expect(await types(true)).toMatch(/readonly threads\?: number;/);
    expect(await types(false)).not.toContain("threads");
    const [plain, absent] = await Promise.all([emit(wide, { threads: false }), emit(wide)]);
    expect(plain).toEqual(absent);
  });
});

describe("what cannot be", () => {
  test.each([
    [{ threads: true, wasm: "import" }, "emit: hosts that import WebAssembly have one thread"],
    [{ threads: true, target: "js" }, "emit: threads is an option of WebAssembly"],
  ] as const)("%o", async (options, problem) => {
    const error: GradcError = await emit(wide, options).catch(e => e);
    expect(error.code).toBe("attribute");
    expect(error.message).toContain(problem);
  });

  test("code without a shared memory has no place that says so", () => {
    expect(() => sharedFlagOf(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).toThrow("no shared memory is imported");
  });
});
