import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const blocks = [...readFileSync(resolve(ROOT, "README.md"), "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
  m => m[1],
);

/** Runs TypeScript as a project that has installed gradc would. */
const run = (code: string): string =>
  execFileSync(process.execPath, ["--conditions=source", "--input-type=module-typescript", "--eval", code], {
    cwd: ROOT,
    encoding: "utf8",
  });

function blockWith(text: string): string {
  const found = blocks.filter(b => b.includes(text));
  expect(found).toHaveLength(1);
  return found[0];
}

test("the first program of the README trains", () => {
  const code = blockWith('program("digits"').replace("export default", "const digits =");
  const rest = `const net = (await import("gradc")).compileSync(digits);
    const batch = { x: Float32Array.from({ length: 640 }, (_, i) => Math.sin(i * i)), label: [0,1,2,3,4,5,6,7,8,9] };
    const losses = [0, 1, 2, 3].map(() => net.train(batch).loss);
    console.log(losses[3] < losses[0], net.predict({ x: batch.x }).probabilities.length);`;
  expect(run(`${code}\n${rest}`)).toBe("true 100\n");
});

test("the layers of the README train, and its optimizer reaches all their parameters", () => {
  const code = blockWith('program("regression"').replace('program("regression"', 'const p = program("regression"');
  const before = `import { compileSync, dim, grad, input, key, meanSquaredError, model, program, relu, state, type Tensor }
    from "gradc";
    const B = dim("B", { max: 32 }), x = input("x", [B, 4]), y = input("y", [B, 1]);`;
  const rest = `const net = compileSync(p);
    const values = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i * 1.7));
    const before = Object.keys(params).map(n => String(net.variables[n].get()));
    for (let i = 0; i < 5; i++) net.train({ x: values, y: values.subarray(0, 32) });
    console.log(Object.keys(params).filter((n, i) => String(net.variables[n].get()) !== before[i]).sort().join());`;
  expect(run(`${before}\n${code}\n${rest}`)).toBe("hidden.b,hidden.w,out.b,out.w\n");
});

test("the loops and choices of the README run", () => {
  const code = blockWith("whileLoop(");
  const before = `import { abs, add, cond, div, evaluate, grad, gt, input, log, map, matmul, mul, scan, sqrt, sub, sum, tanh,
    whileLoop, zeros } from "gradc";
    const w = input("w", [2, 2]), xs = input("xs", [4, 2]), h0 = zeros([2]), a = input("a", []), rows = xs;`;
  const rest = `const made = evaluate({ root, y, slope: grad(root, a), dw: grad(sum(out), w), carry, norms },
      { w: [1, 2, 3, 4], xs: [1, 0, 0, 2, 3, 0, 0, 4], a: 4 });
    console.log(made.root.toFixed(3), made.slope.toFixed(3), made.y.toFixed(3), made.norms.join(), made.dw.length);`;
  expect(run(`${before}\n${code}\n${rest}`)).toBe("2.000 0.250 1.386 1,2,3,4 4\n");
});

test("the transformations of the README give what they say", () => {
  const code = blockWith("sparseJacobian(");
  const before = `import { checkpoint, evaluate, grad, hessian, indexAt, input, jacobian, matmul, param, sparseJacobian,
    square, sub, sum, tanh, type Tensor, vmap } from "gradc";
    const [w, v] = [param("w", [3, 2]), param("v", [2, 2])];
    const [xs, ts] = [input("xs", [5, 3]), input("ts", [5, 2])];`;
  const rest = `const k = evaluate(sum(block(matmul(xs, w))), { xs: new Float32Array(15) });
    console.log([each, J, H].map(t => t.shape.join("×")).join(), S.directions, S.rows.length, k);`;
  expect(run(`${before}\n${code}\n${rest}`)).toBe("5×3×2,5×2×3×2,3×2×3×2 1 15 0\n");
});

test("the one-liner of the README says what it prints", () => {
  const [line, printed] = blockWith("evaluate({ y: mul(x, 2) }")
    .split("\n")[0]
    .split(";")
    .map(s => s.trim());
  const code = `import { evaluate, input, mul } from "gradc"; const x = input("x", [3]); console.log(${line});`;
  expect(printed).toContain("Float32Array [2, 4, 6]");
  expect(run(code)).toBe("{ y: Float32Array(3) [ 2, 4, 6 ] }\n");
});
