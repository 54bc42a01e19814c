import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import digits from "../../examples/digits.ts";
import { emit } from "../../src/aot.ts";
import { compileSync } from "../../src/compile-sync.ts";
import { expectClose } from "../support/everywhere.ts";
import { type Answer, LESSON, lessonHere } from "./lesson.ts";

const suite = "in workerd, which compiles WebAssembly only itself";

/** The path of the binary, or why it cannot be run: its package has one for some platforms only. */
function findWorkerd(): { readonly path: string; readonly problem?: string } {
  try {
    const { default: path }: { default: string } = createRequire(import.meta.url)("workerd");
    const { status, error, stderr } = spawnSync(path, ["--version"], { encoding: "utf8" });
    return { path, ...(status === 0 ? {} : { problem: String(error ?? stderr) }) };
  } catch (error) {
    return { path: "", problem: String(error) };
  }
}

const { path: workerd, problem } = findWorkerd();

/** One worker: the emitted modules, and answers by path. */
const WORKER = `
import * as fast from "./fast.js";
import * as exact from "./exact.js";
import * as plain from "./plain.js";
import * as baked from "./baked.js";
import * as script from "./script.js";
import { lesson, seed } from "./lesson.js";
const answers = {
  "/fast": async () => lesson(await fast.load({ seed })),
  "/exact": async () => lesson(await exact.load({ seed })),
  "/exact-sync": async () => lesson(exact.loadSync({ seed })),
  "/plain": async () => lesson(await plain.load({ seed })),
  "/script": async () => lesson(await script.load({ seed })),
  "/baked": async () => Array.from(baked.loadSync().predict({ x: new Float32Array(64).fill(0.5) }).probabilities),
  "/bytes": async () => { try { new WebAssembly.Module(new Uint8Array(8)); } catch (e) { return String(e); } },
};
export default {
  async fetch(request) {
    return Response.json(await answers[new URL(request.url).pathname]().catch(e => String(e.stack)));
  },
};`;

describe.skipIf(problem)(
  problem ? `${suite} (skipped: it does not run here: ${problem.split("\n")[0]})` : suite,
  () => {
    let directory = "";
    let child: ChildProcess | undefined;
    let origin = "";
    const trained = compileSync(digits, { target: "js", seed: 5 });

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "gradc-workerd-"));
      const modules = new Map<string, Uint8Array | string>([
        ["worker.js", WORKER],
        ["lesson.js", LESSON],
      ]);
      for (const [fileName, options] of Object.entries({
        fast: {},
        exact: { mode: "reproducible" },
        plain: { simd: "plain" },
        baked: { only: ["predict"], bake: trained.save(), mode: "reproducible" },
      } as const)) {
        for (const [name, bytes] of await emit(digits, { ...options, wasm: "import", fileName }))
          modules.set(name, bytes);
      }
      for (const [name, bytes] of await emit(digits, { target: "js", mode: "reproducible", fileName: "script" })) {
        modules.set(name, bytes);
      }
      const names = [...modules.keys()].filter(name => /\.(wasm|(?<!\.d\.)js)$/.test(name));
      for (const name of names) writeFileSync(join(directory, name), modules.get(name) ?? "");
      const list = names.map(name => `(name="${name}",${name.endsWith("js") ? "esModule" : "wasm"}=embed "${name}")`);
      writeFileSync(
        join(directory, "config.capnp"),
        `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (compatibilityDate = "2025-01-01", modules = [${list.join()}]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);`,
      );
      child = spawn(workerd, ["serve", "config.capnp", "--control-fd=3"], {
        cwd: directory,
        stdio: ["ignore", "ignore", "pipe", "pipe"],
      });
      origin = `http://127.0.0.1:${await portOf(child)}`;
    });
    afterAll(() => {
      child?.kill();
      rmSync(directory, { recursive: true, force: true });
    });

    const ask = async <T>(path: string): Promise<T> => (await fetch(origin + path)).json() as Promise<T>;

    test("it refuses bytes", async () => {
      expect(await ask("/bytes")).toContain("Wasm code generation disallowed by embedder");
    });

    test.each(["/exact", "/exact-sync"])("%s: trains to the same bits as here", async path => {
      expect(await ask(path)).toEqual(await lessonHere({ target: "wasm", mode: "reproducible" }));
    });

    test.each(["/fast", "/plain"])("%s: trains as here", async path => {
      const answer = await ask<Answer>(path);
      const expected = await lessonHere({ target: "wasm" });
      expectClose(answer.losses, expected.losses, 1e-5, "losses");
      expectClose(answer.probabilities, expected.probabilities, 1e-5, "probabilities");
    });

    test("JavaScript trains to the same bits as here", async () => {
      expect(await ask("/script")).toEqual(await lessonHere({ target: "js", mode: "reproducible" }));
    });

    test("baked values are found", async () => {
      const here = compileSync(digits, { mode: "reproducible" });
      here.restore(trained.save());
      const { probabilities } = here.predict({ x: new Float32Array(64).fill(0.5) });
      expect(await ask("/baked")).toEqual(Array.from(probabilities));
    });
  },
);

/** The port that the socket got: workerd writes an event for it to the control pipe. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let errors = "";
    let events = "";
    child.stderr?.on("data", data => {
      errors += data;
    });
    child.on("exit", code => reject(new Error(`workerd ended with ${code}: ${errors}`)));
    (child.stdio[3] as Readable).on("data", data => {
      events += data;
      for (const line of events.split("\n").slice(0, -1)) {
        const { event, port } = JSON.parse(line);
        if (event === "listen") resolve(port);
      }
    });
  });
}
