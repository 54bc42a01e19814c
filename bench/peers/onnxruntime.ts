import type { Contender, Library, Start } from "./contender.ts";
import { modelOf } from "./models.ts";
import { OnnxGraph, onnxOps } from "./onnx-graph.ts";
import { Layout, type Tensors } from "./ops.ts";

/** Starting the runtime makes Node's Worker global, from which other libraries conclude that they are in a browser. */
async function keepingGlobals<T>(body: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  try {
    return await body();
  } finally {
    if (before) Object.defineProperty(globalThis, "Worker", before);
    else Reflect.deleteProperty(globalThis, "Worker");
  }
}

/** ONNX Runtime for the web, on its WebAssembly provider with one thread. Its calls copy inputs in and results out. */
export const onnxruntime: Library = {
  name: "onnxruntime-web",
  async start({ workload, weights, feeds }: Start): Promise<Contender> {
    if (workload.kind === "training") throw new Error("it infers only");
    const ort = await import("onnxruntime-web");
    ort.env.wasm.numThreads = 1;
    const graph = new OnnxGraph();
    const ops = onnxOps(graph);
    const peer = modelOf(workload);
    const layout = new Layout(peer, ops);
    const given = feeds.map(f => layout.inputs(f));
    const shapes = Object.fromEntries(Object.entries(given[0]).map(([name, { shape }]) => [name, shape]));
    const parameters = Object.fromEntries(
      Object.entries(weights).map(([name, w]) => [name, graph.initialiser(layout.weight(name, w))]),
    );
    const inputs = Object.fromEntries(Object.keys(shapes).map(name => [name, { name }]));
    const output = peer.model(ops, parameters, inputs);
    const session = await keepingGlobals(() =>
      ort.InferenceSession.create(graph.model(shapes, output), { executionProviders: ["wasm"] }),
    );
    const tensors = given.map(
      (g): Tensors<InstanceType<typeof ort.Tensor>> =>
        Object.fromEntries(
          Object.entries(g).map(([name, { values, shape }]) => [
            name,
            new ort.Tensor("float32", Float32Array.from(values), shape),
          ]),
        ),
    );
    return {
      name: "onnxruntime-web",
      run: async () => void (await session.run(tensors[0])),
      result: async feed => layout.output((await session.run(tensors[feed]))[output.name].data),
    };
  },
};
