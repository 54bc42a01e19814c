import { compile, grad, input, model, program, set, square, state, stopGradient, sum, type Tensor, zeros } from "gradc";
import { parameters, rnn } from "gradc/nn";
import { expect, it } from "vitest";
import { checkRow } from "./check-row.ts";

checkRow("05-recurrent.ts");

it("cuts gradients off between windows of a text, and nothing else", async () => {
  const cell = model((x: Tensor<"f32">, initial: Tensor<"f32">) => rnn(x, 4, { name: "rnn", initial }));
  const x = input("x", [6, 1, 3]);
  const first = cell(x.slice([0], [3]), zeros([1, 4]));
  const next = cell(x.slice([3]), stopGradient(first.carry));
  const loss = sum(square(first.out)).add(sum(square(next.out)));

  const window = input("window", [3, 1, 3]);
  const memory = state("memory", zeros([1, 4]));
  const here = cell(window, memory);
  const part = sum(square(here.out));
  const params = parameters(loss);
  using net = await compile(
    program("truncated", {
      whole: { inputs: [x], outputs: { loss, g: grad(loss, params)["rnn.wh"] } },
      pieces: {
        inputs: [window],
        outputs: { loss: part, g: grad(part, params)["rnn.wh"] },
        updates: [set(memory, here.carry)],
      },
    }),
    { mode: "reproducible" },
  );
  const values = Float32Array.from({ length: 18 }, (_, i) => Math.sin(i * i));
  const whole = net.whole({ x: values });
  const pieces = [0, 9].map(at => net.pieces({ window: values.subarray(at, at + 9) }));
  expect(pieces[0].loss + pieces[1].loss).toBeCloseTo(whole.loss, 5);
  for (const [i, g] of whole.g.entries()) expect(pieces[0].g[i] + pieces[1].g[i]).toBeCloseTo(g, 5);
});
