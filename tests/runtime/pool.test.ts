import { execFile } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { promisify } from "node:util";
import threads, { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { lower } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import * as s from "../../src/loop/build.ts";
import type { Expr } from "../../src/loop/ir.ts";
import type { PlanStmt } from "../../src/plan/ir.ts";
import { parallelize } from "../../src/plan/parallel.ts";
import type { Pool } from "../../src/runtime/pool.ts";
import { TARGETS } from "../../src/targets.ts";
import { kernelOf, programOf } from "../codegen/wasm-support.ts";
import { bitsOf } from "../support/everywhere.ts";
import { netOf, poolOf } from "../support/threads.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const execFileLater = promisify(execFile);
/** Everything that can be shared out is. */
const ALWAYS = { share: 0, call: 0 };
const ROWS = 512;
const COLUMNS = 256;

/** Enough work for several threads: w ← w − tanh(x)·w, and exp(x·w). */
const B = g.dim("B", { max: ROWS });
const x = g.input("x", [B, COLUMNS]);
const fixed = g.input("fixed", [ROWS, COLUMNS]);
const w = g.param("w", [ROWS, COLUMNS], g.normalInit());
const model = g.program("threaded", {
  train: {
    inputs: [fixed],
    outputs: { size: g.sum(g.mul(w, w)) },
    updates: [g.set(w, g.sub(w, g.mul(g.tanh(fixed), w)))],
  },
  predict: { inputs: [x], outputs: { y: g.softmax(g.exp(g.tanh(x)), -1) } },
});
const numbers = (rows: number): Float32Array => Float32Array.from({ length: rows * COLUMNS }, (_, i) => Math.sin(i));
const fed = numbers(ROWS);

const open: { close(): void }[] = [];

async function compiled(options: g.CompileOptions) {
  const net = await g.compile(model, options);
  open.push(net);
  return net;
}

type Model = Awaited<ReturnType<typeof compiled>>;

function traceOf(net: Model): string[] {
  const sizes = [0, 1, 2].map(() => bitsOf(net.train({ fixed: fed }).size));
  const some = [ROWS, 1, 77].map(rows => bitsOf(net.predict({ x: numbers(rows) }).y));
  return [...sizes, ...some, bitsOf(net.variables.w.get())];
}

const workers: Worker[] = [];

/** Workers that pools start from here on can be looked at. */
class Watched extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    workers.push(this);
  }
}
const watch = (): unknown => Object.assign(threads, { Worker: Watched });

afterEach(() => {
  Object.assign(threads, { Worker });
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  for (const net of open.splice(0)) net.close();
  workers.length = 0;
});

function errorOf(f: () => unknown): g.GradcError {
  try {
    f();
  } catch (error) {
    return error as g.GradcError;
  }
  return expect.fail("nothing was thrown");
}

const rejection = (promise: Promise<unknown>): Promise<g.GradcError> =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    error => error as g.GradcError,
  );

describe("a pool of threads", () => {
  it.each(["fast", "reproducible"] as const)("gives the bits of one thread, %s", async mode => {
    watch();
    const one = traceOf(await compiled({ mode, target: "wasm" }));
    expect(workers.length).toBe(0);
    for (const n of [2, 3, 4]) {
      workers.length = 0;
      expect(traceOf(await compiled({ mode, threads: n })), `${n} threads`).toEqual(one);
      expect(workers.length).toBe(n - 1);
    }
  });

  it("works on the caller's thread while its workers are starting", async () => {
    const program = parallelize(lower(model.graph, TARGETS.wasm, "fast"));
    const pool = poolOf(program, 3);
    open.push(pool);
    const net = netOf(program, pool) as unknown as Model;
    const early = traceOf(net);
    await pool.ready;
    net.reset();
    expect(early).toEqual(traceOf(net));
  });

  it("saves, restores and checks like one thread", async () => {
    const net = await compiled({ threads: 2, checks: "finite" });
    net.train({ fixed: fed });
    const saved = net.save();
    expect(saved.buffer).toBeInstanceOf(ArrayBuffer);
    const before = net.variables.w.get();
    expect(before.buffer).toBeInstanceOf(ArrayBuffer);
    const bad = fed.with(3, Number.NaN);
    expect(errorOf(() => net.train({ fixed: bad })).code).toBe("not-finite");
    expect(net.variables.w.get()).toEqual(before);
    net.reset(9);
    expect(net.variables.w.get()).not.toEqual(before);
    expect(net.restore(saved)).toEqual({ missing: [], unexpected: [] });
    expect(net.variables.w.get()).toEqual(before);
  });

  it("ends with close, and says so when it is used", async () => {
    watch();
    const net = await compiled({ threads: 3 });
    const ends = workers.map(worker => once(worker, "exit"));
    net.close();
    await Promise.all(ends);
    expect(errorOf(() => net.train({ fixed: fed })).code).toBe("closed");
    {
      using again = await g.compile(model, { threads: 2 });
      again.predict({ x: fed });
    }
    await once(workers[2], "exit");
  });

  it.each([0, 1.5, -1, 257, Number.NaN])("refuses %d threads", async threads => {
    const error = await rejection(g.compile(model, { threads }));
    expect(error.code).toBe("attribute");
    expect(error.message).toContain(`compile: threads cannot be ${threads}\n  expected  a whole number from 1 to 256`);
  });

  it("is for WebAssembly, and for those who wait", async () => {
    const sync = errorOf(() => g.compileSync(model, { threads: 2 }));
    expect(sync.message).toContain("compileSync: threads need compile");
    const error = await rejection(g.compile(model, { threads: 2, target: "js" }));
    expect(error.message).toContain("compile: the target js has one thread");
    expect(g.compileSync(model, { threads: 1, target: "js" }).predict({ x: fed }).y.length).toBe(fed.length);
  });
});

describe("a host that has no threads to offer", () => {
  const warned = (): unknown[] => vi.mocked(console.warn).mock.calls.flat();

  it("is named once, and the caller does the work: no cross-origin isolation", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    vi.stubGlobal("crossOriginIsolated", false);
    watch();
    const net = await compiled({ threads: 4 });
    expect(traceOf(net)).toEqual(traceOf(await compiled({ target: "wasm" })));
    expect(workers.length).toBe(0);
    expect(warned()).toEqual([
      expect.stringMatching(/^gradc: threaded runs on one thread: the page is not cross-origin isolated \(serve it/),
    ]);
    expect(net.train.inputs.fixed.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("refuses to start workers", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    class Refused {
      constructor() {
        throw Error("no workers here");
      }
    }
    Object.assign(threads, { Worker: Refused });
    const net = await compiled({ threads: 2 });
    expect(traceOf(net)).toEqual(traceOf(await compiled({ target: "wasm" })));
    expect(warned()).toEqual(["gradc: threaded runs on one thread: Error: no workers here"]);
  });

  it("loses a worker that has not started yet", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    class Stillborn extends Watched {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        if (workers.length === 2) this.terminate();
      }
    }
    Object.assign(threads, { Worker: Stillborn });
    const net = await compiled({ threads: 3 });
    expect(traceOf(net)).toEqual(traceOf(await compiled({ target: "wasm" })));
    expect(warned()).toEqual([expect.stringMatching(/^gradc: threaded runs on one thread: it ended with code \d$/)]);
  });
});

describe("a worker that is lost", () => {
  it("is an error at the next call", async () => {
    watch();
    const net = await compiled({ threads: 3 });
    const before = traceOf(net).at(-1);
    await workers[1].terminate();
    for (let i = 0; i < 2; i++) {
      const error = errorOf(() => net.train({ fixed: fed }));
      expect(error).toBeInstanceOf(g.GradcError);
      expect(error.code).toBe("thread");
      expect(error.message).toContain("threaded has lost a worker thread: it ended with code 1");
    }
    // Nothing was touched.
    expect(bitsOf(net.variables.w.get())).toBe(before);
  });

  it("is an error, not a hang, where nobody has told the caller yet", async () => {
    watch();
    const net = await compiled({ threads: 2 });
    net.train({ fixed: fed });
    workers[0].terminate();
    const from = performance.now();
    const error = errorOf(() => net.train({ fixed: fed }));
    expect(error.code).toBe("thread");
    expect(error.message).toContain("threaded has lost a worker thread: it does not answer");
    expect(performance.now() - from).toBeLessThan(20_000);
  });

  /** Rounds of a parallel loop, each of which writes far beyond the memory where `trap` says so. */
  async function trapping(trap: (i: Expr) => Expr): Promise<Pool> {
    const i = s.variable("i");
    const at = s.select(trap(i), s.int(2 ** 29 - 1), i);
    const kernel = kernelOf("trap", { y: "f32" }, [
      s.forStmt("i", s.int(0), s.int(64), [s.store("y", at, s.literal("f32", 1))], { parallel: true }),
    ]);
    const call: PlanStmt = { op: "call", kernel, places: [s.int(0)], bytes: [256], extents: [], origins: [] };
    const program = parallelize(programOf([kernel], [{ name: "f", dims: [], body: [call] }], 256), ALWAYS);
    const pool = poolOf(program, 3);
    open.push(pool);
    await pool.ready;
    return pool;
  }

  it("traps: the call that waits for it fails", async () => {
    const pool = await trapping(i => s.ge(i, s.int(50)));
    const failure = /^test has lost a worker thread: it failed/;
    expect(() => pool.functions.f()).toThrow(failure);
    expect(() => pool.functions.f()).toThrow(/^test has lost a worker thread: /);
  });

  it("is let go where the caller itself traps", async () => {
    const pool = await trapping(i => s.lt(i, s.int(5)));
    expect(() => pool.functions.f()).toThrow(WebAssembly.RuntimeError);
    expect(() => pool.functions.f()).toThrow("test has lost a worker thread: the call ended early");
  });
});

/** Runs a script in a process of its own. `ms`: how long it may take. */
async function script(body: string, ms: number): Promise<string> {
  const text = `
    import { readFileSync } from "node:fs";
    import * as g from "./src/index.ts";
    const x = g.input("x", [512, 256]);
    const model = g.program("m", { f: { inputs: [x], outputs: { y: g.exp(g.tanh(x)) } } });
    const fed = new Float32Array(512 * 256).fill(0.5);
    const count = () => Number(/Threads:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
    ${body}`;
  const flags = ["--conditions=source", "--input-type=module", "--eval", text];
  const { stdout } = await execFileLater(process.execPath, flags, { cwd: ROOT, timeout: ms });
  return stdout.trim();
}

describe("a process", () => {
  it("ends while its pool is idle, in the middle of a pause too", async () => {
    const out = await script(
      'const net = await g.compile(model, { threads: 3 }); net.f({ x: fed }); console.log("done");',
      30_000,
    );
    expect(out).toBe("done");
  });

  it("ends while workers that nobody waits for are starting", async () => {
    expect(await script('g.compile(model, { threads: 3 }); console.log("done");', 30_000)).toBe("done");
  });

  it.skipIf(process.platform !== "linux")(
    "keeps no threads of closed networks",
    async () => {
      const cycles = Number(process.env.GRADC_CYCLES ?? 25);
      const out = await script(
        `const before = count();
       for (let i = 0; i < ${cycles}; i++) {
         const net = await g.compile(model, { threads: 3 });
         net.f({ x: fed });
         net.close();
       }
       for (let i = 0; i < 100 && count() > before; i++) await new Promise(later => setTimeout(later, 50));
       console.log(count() - before);`,
        20_000 + 1000 * cycles,
      );
      expect(Number(out)).toBeLessThanOrEqual(0);
    },
    60_000 + 1000 * Number(process.env.GRADC_CYCLES ?? 25),
  );
});
