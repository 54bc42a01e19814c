import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import { printPlan } from "../../src/plan/print.ts";
import { TARGETS } from "../../src/targets.ts";
import { ALL_TARGETS, checkEverywhere } from "../support/everywhere.ts";

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i * 0.37));
const N = 40;

type Vector = g.Tensor<"f32">;

const x = g.input("x", [N]);
const xs = g.input("xs", [5, N]);
const given = { x: numbers(N), xs: numbers(5 * N) };

/** Reads its neighbours, so that its old value must be there until all of the new one is. */
const turned = (c: Vector, y: Vector): Vector => g.add(g.mul(g.flip(c, [0]), 0.9), g.tanh(y));
/** Reads its own element alone. */
const faded = (c: Vector, y: Vector): Vector => g.add(g.mul(c, 0.9), g.tanh(y));

function planOf(outputs: Record<string, g.Tensor>): { copies: number; swaps: number; selects: number } {
  const text = printPlan(lower(g.program("t", { f: { inputs: [x, xs], outputs } }).graph, TARGETS.wasm, "fast"));
  const count = (what: RegExp): number => text.match(what)?.length ?? 0;
  // Copies in the loop, which stand deeper.
  return { copies: count(/^ {4}copy /gm), swaps: count(/swap /g), selects: count(/select\(/g) };
}

/** Loops of one carry over the rows of xs: what they give, and what their plan must hold. */
const LOOPS: Record<
  string,
  { step: (c: Vector, y: Vector) => { carry: Vector; out?: Vector }; plan: ReturnType<typeof planOf> }
> = {
  "its values before each step": {
    step: (c, y) => ({ carry: turned(c, y), out: c }),
    plan: { copies: 0, swaps: 0, selects: 1 },
  },
  "its values after each step": {
    step: (c, y) => {
      const carry = turned(c, y);
      return { carry, out: carry };
    },
    plan: { copies: 0, swaps: 0, selects: 1 },
  },
  "nothing of it": {
    step: (c, y) => ({ carry: turned(c, y) }),
    plan: { copies: 0, swaps: 1, selects: 0 },
  },
  "nothing of it, element by element": {
    step: (c, y) => ({ carry: faded(c, y) }),
    plan: { copies: 0, swaps: 0, selects: 0 },
  },
  "something that is made of its old value": {
    step: (c, y) => ({ carry: faded(c, y), out: g.flip(c, [0]) }),
    plan: { copies: 0, swaps: 1, selects: 0 },
  },
};

describe.each(Object.entries(LOOPS))("a loop that stacks %s", (_, { step, plan }) => {
  it.each([
    [5, false],
    [5, true],
    [1, false],
    [1, true],
  ])("over %i rows, backwards %s", (length, reverse) => {
    const { carry, out } = g.scan(step, x, g.slice(xs, [0, 0], [length, N]), { reverse });
    const outputs: Record<string, g.Tensor> = out ? { carry, out } : { carry };
    if (length > 1) expect(planOf(outputs)).toEqual(plan);
    checkEverywhere([x, xs], outputs, given);
    // Without the last value, and with the stack read by what follows.
    if (out) checkEverywhere([x, xs], { sum: g.sum(g.square(out), 0) }, given);
  });

  it("has the gradient of the steps one by one", () => {
    const { carry, out } = g.scan(step, x, xs);
    let [c, total]: Vector[] = [x, g.constant(0)];
    for (let t = 0; t < 5; t++) {
      const next = step(c, g.indexAt(xs, t));
      c = next.carry;
      if (next.out) total = g.add(total, g.sum(g.square(next.out)));
    }
    const scanned = out ? g.add(g.sum(g.mul(carry, carry)), g.sum(g.square(out))) : g.sum(g.mul(carry, carry));
    const stepped = g.add(g.sum(g.mul(c, c)), total);
    const [a, b] = [g.grad(scanned as g.Scalar, x), g.grad(stepped as g.Scalar, x)];
    checkEverywhere([x, xs], { difference: g.sub(a, b), a }, given);
  });
});

describe("loops of several carries", () => {
  it("hand a value from one to the next", () => {
    const { carry, out } = g.scan(
      ({ a, b, c }: Record<"a" | "b" | "c", Vector>, y: Vector) => ({
        carry: { a: faded(a, y), b: a, c: g.add(b, g.mul(c, 0.5)) },
        out: { b, sum: g.add(a, c) },
      }),
      { a: x, b: g.mul(x, 2), c: g.mul(x, 3) },
      xs,
    );
    checkEverywhere([x, xs], { ...carry, stack: out.b, sum: out.sum }, given);
  });

  it("keep what another one becomes", () => {
    const { carry } = g.scan(
      ({ a }: Record<"a" | "b", Vector>, y: Vector) => ({ carry: { a: faded(a, y), b: a } }),
      { a: x, b: g.mul(x, 2) },
      xs,
    );
    checkEverywhere([x, xs], carry, given);
  });

  it.each(ALL_TARGETS)("begin with what the call updates, and end in it, on %s", target => {
    const w = g.param("w", [N], g.constantInit(0.5));
    const step = (c: Vector, y: Vector) => {
      const carry = turned(c, y);
      return { carry, out: carry };
    };
    const { carry, out } = g.scan(step, w, xs);
    const rows: Vector[] = [];
    for (let t = 0; t < 5; t++) rows.push(turned(rows.at(-1) ?? w, g.indexAt(xs, t)));
    const programs = [
      g.program("loop", {
        f: { inputs: [xs], outputs: { out, read: g.mul(w, 2) }, updates: [g.set(w, carry)] },
      }),
      g.program("rows", {
        f: {
          inputs: [xs],
          outputs: { out: g.stack(rows, 0), read: g.mul(w, 2) },
          updates: [g.set(w, rows[4])],
        },
      }),
    ];
    const nets = programs.map(p => g.compileSync(p, { target, mode: "reproducible" }));
    for (let call = 0; call < 3; call++) {
      const [a, b] = nets.map(net => {
        const { out, read } = net.f({ xs: given.xs });
        return [...out, ...read];
      });
      expect(a).toEqual(b);
    }
  });

  it("stand in each other", () => {
    const { carry, out } = g.scan(
      (c: Vector, y: Vector) => {
        const inner = g.scan(
          (d: Vector, z: Vector) => ({ carry: turned(d, z), out: d }),
          c,
          g.stack([y, g.mul(y, 2), g.add(y, 1)], 0),
        );
        return { carry: inner.carry, out: g.sum(inner.out, 0) };
      },
      x,
      xs,
    );
    checkEverywhere([x, xs], { carry, out }, given);
  });
});
