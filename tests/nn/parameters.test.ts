import { describe, expect, it } from "vitest";
import {
  add,
  compileSync,
  grad,
  input,
  key,
  matmul,
  meanSquaredError,
  model,
  param,
  program,
  relu,
  scan,
  scope,
  state,
  type Tensor,
  tanh,
  zeros,
} from "../../src/index.ts";
import {
  dense,
  dropout,
  inference,
  type Mode,
  momentum,
  parameters,
  parameterTree,
  training,
} from "../../src/nn/index.ts";

describe("parameters", () => {
  it("finds what layers declared, and an optimizer trains all of it", () => {
    const x = input("x", [8, 2]);
    const y = input("y", [8, 1]);
    const net = model((v: Tensor<"f32">, mode: Mode) =>
      dense(dropout(dense(v, 6, { name: "hidden", activation: relu }), 0.1, mode), 1, { name: "out" }),
    );
    const mode = training(state("key", key(1)));
    const loss = meanSquaredError(net(x, mode), y);
    const params = parameters(loss);
    expect(Object.keys(params).sort()).toEqual(["hidden.b", "hidden.w", "out.b", "out.w"]);
    expect(Object.keys(parameters(net(x, inference), loss))).toHaveLength(4);

    const updates = [...momentum({ learningRate: 0.05 })(params, grad(loss, params)), ...mode.updates];
    using trained = compileSync(program("p", { train: { inputs: [x, y], outputs: { loss }, updates } }), {
      target: "interpret",
    });
    const data = {
      x: Array.from({ length: 16 }, (_, i) => Math.sin(i)),
      y: Array.from({ length: 8 }, (_, i) => i / 8),
    };
    const before = Object.keys(params).map(name => trained.variables[name].get());
    for (let i = 0; i < 3; i++) trained.train(data);
    const after = Object.keys(params).map(name => trained.variables[name].get());
    after.forEach((values, i) => {
      expect(values).not.toEqual(before[i]);
    });
  });

  it("finds what the body of a loop closes over; inputs and state are none", () => {
    const w = param("w", [3, 3]);
    const s = state("s", zeros([3]));
    const { carry } = scan((h: Tensor<"f32">) => ({ carry: tanh(add(matmul(h, w), s)) }), input("h", [3]), null, {
      length: 4,
    });
    expect(parameters(carry)).toEqual({ w });
    expect(parameters(input("x", []))).toEqual({});
  });

  it("nests them by name, so that parts of a network are trained in their own ways", () => {
    const x = input("x", [4, 3]);
    const layer = model((v: Tensor<"f32">) => dense(v, 3, { name: "layer", activation: tanh }));
    const code = scope("encoder", () => layer(layer(x)));
    const loss = meanSquaredError(dense(code, 3, { name: "head" }), x);
    const tree = parameterTree(loss);
    expect(tree).toEqual({
      head: { w: expect.anything(), b: expect.anything() },
      encoder: { layer: { w: expect.anything(), b: expect.anything() } },
    });
    const { encoder } = tree;
    const updates = momentum({ learningRate: 0.1 })(encoder, grad(loss, encoder));
    using net = compileSync(program("p", { train: { inputs: [x], outputs: { loss }, updates } }));
    const [before, head] = [net.variables["encoder.layer.w"].get(), net.variables["head.w"].get()];
    net.train({ x: Array.from({ length: 12 }, (_, i) => Math.cos(i)) });
    expect(net.variables["encoder.layer.w"].get()).not.toEqual(before);
    expect(net.variables["head.w"].get()).toEqual(head);
    expect(() => parameterTree(add(param("a", [2]), param("a.b", [2])))).toThrow("have one name");
  });

  it("walks deep graphs", () => {
    let x: Tensor<"f32"> = param("deep", [2]);
    for (let i = 0; i < 10_000; i++) x = add(x, 1);
    expect(Object.keys(parameters(x))).toEqual(["deep"]);
  });
});
