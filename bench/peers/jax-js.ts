import type { Array as JaxArray } from "@jax-js/jax";
import type { Contender, Library, Start } from "./contender.ts";
import { modelOf } from "./models.ts";
import { type HostTensor, Layout, type Ops, type Optimizer, type Tensors, type Value } from "./ops.ts";

type Jax = typeof import("@jax-js/jax");
type Arrays = Record<string, JaxArray>;

/** A library function takes its arguments away: it gets references of its own. */
const own = (x: Value<JaxArray>): Value<JaxArray> => (typeof x === "number" ? x : x.ref);

/** The operations as users of jax-js write them. */
function opsOf({ numpy: np, nn, lax }: Jax): Ops<JaxArray> {
  const unary =
    (f: (x: Value<JaxArray>) => JaxArray) =>
    (x: JaxArray): JaxArray =>
      f(own(x));
  const binary =
    (f: (x: Value<JaxArray>, y: Value<JaxArray>) => JaxArray) =>
    (x: Value<JaxArray>, y: Value<JaxArray>): JaxArray =>
      f(own(x), own(y));
  const activations = { relu: nn.relu, sigmoid: nn.sigmoid };
  return {
    layout: "channelsFirst",
    add: binary(np.add),
    sub: binary(np.subtract),
    mul: binary(np.multiply),
    div: binary(np.divide),
    maximum: binary(np.maximum),
    abs: unary(np.abs),
    exp: unary(np.exp),
    square: unary(np.square),
    sqrt: unary(np.sqrt),
    rsqrt: unary(x => np.reciprocal(np.sqrt(x))),
    relu: unary(nn.relu),
    sigmoid: unary(nn.sigmoid),
    tanh: unary(np.tanh),
    softplus: unary(nn.softplus),
    gelu: x => nn.gelu(x.ref, { approximate: true }),
    softmax: x => nn.softmax(x.ref, -1),
    matmul: (x, y, transposed) => {
      const turned = (operand: JaxArray): JaxArray => np.swapaxes(operand.ref, -1, -2);
      return np.matmul(transposed === "left" ? turned(x) : x.ref, transposed === "right" ? turned(y) : y.ref);
    },
    dense: (x, w, b, activation) => {
      const y = np.add(np.matmul(x.ref, w.ref), b.ref);
      return activation ? activations[activation](y) : y;
    },
    conv: (x, w, { strides, padding }) =>
      lax.conv(x.ref, w.ref, [strides, strides], padding === "same" ? "SAME" : "VALID"),
    maxPool: x => {
      const [n, c, h, w] = x.shape;
      return np.max(np.reshape(x.ref, [n, c, h / 2, 2, w / 2, 2]), [3, 5]);
    },
    perChannel: x => np.reshape(x.ref, [x.shape[0], 1, 1]),
    reshape: (x, shape) => np.reshape(x.ref, shape),
    transpose: (x, order) => np.transpose(x.ref, order),
    zeros: shape => np.zeros(shape),
    split: (x, parts, axis) => np.split(x.ref, parts, axis),
    concat: (parts, axis) =>
      np.concatenate(
        parts.map(p => p.ref),
        axis,
      ),
    rows: (table, indices) => np.take(table.ref, indices.ref, 0),
    sum: x => np.sum(x.ref),
    mean: (x, axes, keep) => np.mean(x.ref, axes, { keepdims: keep !== undefined }),
    crossEntropy: (logits, labels, classes) => {
      const chosen = np.multiply(nn.oneHot(labels.ref, classes), nn.logSoftmax(logits.ref, -1));
      return np.mean(np.sum(np.multiply(chosen, -1), -1));
    },
  };
}

const mapValues = <T, R>(record: Readonly<Record<string, T>>, f: (value: T, name: string) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));

/** Two moments for each weight (the first also as velocity), and βᵗ for both. */
type State = { readonly first: Arrays; readonly second: Arrays; readonly powers: readonly JaxArray[] };

/** One update, in the same compiled function as the gradients. */
function update({ numpy: np }: Jax, o: Optimizer, w: Arrays, g: Arrays, old: State): [Arrays, State] {
  const mix = (x: JaxArray, keep: number, y: JaxArray, part: number): JaxArray =>
    np.add(np.multiply(x.ref, keep), np.multiply(y.ref, part));
  const step = (x: JaxArray, by: JaxArray): JaxArray => np.subtract(x.ref, by);
  if (o.kind === "sgd") return [mapValues(w, (x, name) => step(x, np.multiply(g[name].ref, o.rate))), old];
  if (o.kind === "momentum") {
    const first = mapValues(g, (gradient, name) => mix(old.first[name], o.keep, gradient, 1));
    return [mapValues(w, (x, name) => step(x, np.multiply(first[name].ref, o.rate))), { ...old, first }];
  }
  const first = mapValues(g, (gradient, name) => mix(old.first[name], o.beta1, gradient, 1 - o.beta1));
  const second = mapValues(g, (gradient, name) => mix(old.second[name], o.beta2, np.square(gradient.ref), 1 - o.beta2));
  const powers = [o.beta1, o.beta2].map((beta, i) => np.multiply(old.powers[i].ref, beta));
  const corrected = (moment: JaxArray, i: number): JaxArray => np.divide(moment.ref, np.subtract(1, powers[i].ref));
  const direction = (name: string): JaxArray =>
    np.divide(corrected(first[name], 0), np.add(np.sqrt(corrected(second[name], 1)), o.epsilon));
  const after = mapValues(w, (x, name) => step(x, np.multiply(direction(name), o.rate)));
  return [after, { first, second, powers }];
}

export const jaxJs: Library = {
  name: "jax-js",
  async start({ workload, weights, feeds }: Start): Promise<Contender> {
    const jax: Jax = await import("@jax-js/jax");
    await jax.init();
    const { numpy: np, tree } = jax;
    const ops = opsOf(jax);
    const peer = modelOf(workload);
    const layout = new Layout(peer, ops);
    const made = ({ values, shape }: HostTensor): JaxArray => np.array(values, { shape });
    const given = feeds.map(f => layout.inputs(f));
    let parameters: Arrays = mapValues(weights, (w, name) => made(layout.weight(name, w)));

    const { optimizer } = peer;
    if (optimizer) {
      const lossOf = (w: Arrays, inputs: Arrays): JaxArray => peer.model(ops, w as Tensors<JaxArray>, inputs);
      const train = jax.jit((w: Arrays, state: State, inputs: Arrays): [JaxArray, Arrays, State] => {
        const [loss, gradients] = jax.valueAndGrad(lossOf)(tree.ref(w), inputs);
        return [loss, ...update(jax, optimizer, w, gradients, state)];
      });
      const zeros = (): Arrays => mapValues(parameters, p => np.zeros(p.shape));
      let state: State = { first: zeros(), second: zeros(), powers: [np.array(1), np.array(1)] };
      const step = (feed: number): number => {
        const [loss, after, next] = train(parameters, state, mapValues(given[feed], made));
        [parameters, state] = [after, next];
        return loss.dataSync()[0];
      };
      return { name: "jax-js", run: feed => void step(feed), result: async feed => [step(feed)] };
    }
    const predict = jax.jit((w: Arrays, inputs: Arrays): JaxArray => peer.model(ops, w as Tensors<JaxArray>, inputs));
    const resident = mapValues(given[0], made);
    const evaluate = (inputs: Arrays): JaxArray => predict(tree.ref(parameters), inputs);
    return {
      name: "jax-js",
      // Kernels are dispatched when a result is wanted.
      run: async () => (await evaluate(tree.ref(resident)).blockUntilReady()).dispose(),
      result: async feed => layout.output(evaluate(mapValues(given[feed], made)).dataSync()),
    };
  },
};
