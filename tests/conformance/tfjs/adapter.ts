import * as g from "../../../src/index.ts";
import { leavesUnder } from "../../../src/program/checks.ts";
import { ARRAYS } from "./kernels/arrays.ts";
import { dtypeOf, ELEMENTWISE } from "./kernels/elementwise.ts";
import type { Float, Kernels, Operands } from "./kernels/kernel.ts";
import { REDUCTIONS } from "./kernels/reductions.ts";
import { RESIZE } from "./kernels/resize.ts";
import { WINDOWS } from "./kernels/windows.ts";
import { type Call, type GradientCall, numberOf, type RecordedTest } from "./suite.ts";

const KERNELS: Kernels = { ...ELEMENTWISE, ...ARRAYS, ...REDUCTIONS, ...WINDOWS, ...RESIZE };

/** A recorded test as a function of gradc: constants are inputs. */
export interface Translated {
  readonly inputs: readonly g.Input[];
  readonly outputs: Readonly<Record<string, g.Tensor>>;
  readonly feeds: Readonly<Record<string, number | number[]>>;
}

const isFloat = ({ dtype }: g.Tensor): boolean => dtype === "f32";

/**
 * TensorFlow.js differentiates integers and truth values, too: results as numbers, and with zeros for targets. gradc
 * answers both with the error integer-gradient, so results are cast here, and zeros written for such targets.
 */
function gradients({ y, xs, dy }: GradientCall, values: ReadonlyMap<string, g.Tensor>): g.Tensor[] {
  const recorded = (id: string): g.Tensor => values.get(id) as g.Tensor;
  const result = g.cast(recorded(y), "f32");
  const cotangent = dy === null ? g.onesLike(result) : recorded(dy);
  const targets = xs.map(recorded);
  const found = g.vjp(result, targets.filter(isFloat), cotangent, { disconnected: "zeros" }) as g.Tensor[];
  const next = found.values();
  return targets.map(x => (isFloat(x) ? (next.next().value as g.Tensor) : g.zeros(x.shape)));
}

function results({ op, inputs, attrs }: Call, values: ReadonlyMap<string, g.Tensor>): readonly g.Tensor[] {
  const kernel = KERNELS[op];
  if (!kernel) throw new Error(`no translation of ${op}`);
  const operands: Operands = {
    one: name => values.get(inputs[name] as string) as Float,
    all: () =>
      Object.values(inputs)
        .flat()
        .map(id => values.get(id) as Float),
  };
  const made = kernel(operands, attrs);
  return made instanceof g.Tensor ? [made] : made;
}

/** @throws what declaring the graph throws: the reason why a test is not supported */
export function translate(test: RecordedTest): Translated {
  const values = new Map<string, g.Tensor>();
  for (const [id, { dtype, shape }] of Object.entries(test.consts)) {
    values.set(id, g.input(id, shape, dtypeOf(dtype)));
  }
  for (const node of test.nodes) {
    const made = "y" in node ? gradients(node, values) : results(node, values);
    node.outputs.forEach((output, i) => {
      values.set(output.id, made[i]);
    });
  }
  const outputs = Object.fromEntries(test.expects.map(e => [e.id, values.get(e.id) as g.Tensor]));
  const inputs = leavesUnder(Object.values(outputs));
  const feeds = Object.fromEntries(
    inputs.map(input => {
      const id = String(g.nameOf(input));
      const data = test.consts[id].data.map(numberOf);
      return [id, input.rank === 0 ? data[0] : data];
    }),
  );
  return { inputs: inputs as unknown as g.Input[], outputs, feeds };
}
