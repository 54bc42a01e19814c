import { createInterface } from "node:readline";
import "../api.ts";
import { type CompileOptions, compile, type TargetName } from "../compile.ts";
import { compileSync } from "../compile-sync.ts";
import { inputOp } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import type { ProgramGraph } from "../graph/program-graph.ts";
import { captureCallSites } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { NumericMode } from "../loop/ir.ts";
import type { Net, NetFunction } from "../program/net-type.ts";
import { type FunctionDeclaration, type Functions, Program } from "../program/program.ts";
import type { DType, TypedArray } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { addNodes, NodeError, nodesOf, Scope } from "./eval-graph.ts";
import { isRecord, type JsonTensor, malformed, readDType, readTensor, writeTensor } from "./eval-values.ts";

/** Answers requests line by line until the input ends. Nothing else is written to `output`. */
export async function serve(lines: NodeJS.ReadableStream, output: { write(text: string): unknown }): Promise<void> {
  // Requests have no lines of code to name.
  captureCallSites(false);
  for await (const line of createInterface({ input: lines, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== "") output.write(`${JSON.stringify(await answerOnThreads(line))}\n`);
  }
}

type Answer =
  | {
      readonly id: unknown;
      readonly ok: true;
      readonly outputs: Readonly<Record<string, JsonTensor>>;
      readonly nanoseconds: readonly number[];
      readonly compileNanoseconds: number;
    }
  | { readonly id: unknown; readonly ok: false; readonly error: { code: string; message: string; node?: string } };

/** The answer to one request for one thread; whatever is wrong with it is part of the answer. */
export function answer(line: string): Answer {
  let id: unknown = null;
  try {
    const request = parse(line);
    id = request.id ?? null;
    const task = taskOf(request);
    const started = process.hrtime.bigint();
    const net = compileSync(task.program, task.options);
    return { id, ok: true, ...run(task, net, since(started)) };
  } catch (thrown) {
    return refusal(id, thrown);
  }
}

/** The same for any number of threads, whose workers take a while to start. */
export async function answerOnThreads(line: string): Promise<Answer> {
  let id: unknown = null;
  try {
    const request = parse(line);
    if ((request.threads ?? 1) === 1) return answer(line);
    id = request.id ?? null;
    const task = taskOf(request);
    const started = process.hrtime.bigint();
    using net = await compile(task.program, task.options);
    return { id, ok: true, ...run(task, net, since(started)) };
  } catch (thrown) {
    return refusal(id, thrown);
  }
}

function refusal(id: unknown, thrown: unknown): Answer {
  const node = thrown instanceof NodeError ? { node: thrown.node } : {};
  const error = thrown instanceof NodeError ? thrown.cause : thrown;
  const code = error instanceof GradcError ? error.code : "internal";
  const message = withoutSites(error instanceof Error ? error.message : String(error));
  return { id, ok: false, error: { code, message, ...node } };
}

/** Requests have no lines of code: places in the message would be those of this command. */
const withoutSites = (message: string): string =>
  message
    .split("\n")
    .filter(l => !/^ {2}at {8}/.test(l))
    .join("\n");

function parse(line: string): Record<string, unknown> {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    throw malformed("the line is no JSON", "one JSON object a line", line);
  }
  if (!isRecord(request)) throw malformed("the line is no request", "a JSON object", request);
  return request;
}

/** One of some words; absent: the first. */
function choice<const T extends string>(request: Record<string, unknown>, key: string, words: readonly T[]): T {
  const value = request[key] ?? words[0];
  if (words.includes(value as T)) return value as T;
  throw new GradcError("unsupported", `${key}: there is no ${JSON.stringify(value)}`, {
    expected: words.join(", "),
    received: String(value),
  });
}

function atLeast(request: Record<string, unknown>, key: string, fallback: number): number {
  const value = request[key] ?? fallback;
  if (typeof value === "number" && value >= 0 && value <= 1e9) return value;
  throw malformed(`${key} cannot be read`, "a number from 0 on", value);
}

/** What a request asks for. */
function taskOf(request: Record<string, unknown>) {
  const target: TargetName = choice(request, "backend", ["interpret", "js", "wasm"]);
  const mode: NumericMode = choice(request, "mode", ["fast", "reproducible"]);
  const dtype: DType = readDType(request.dtype, "dtype");
  const minRuns = Math.max(1, atLeast(request, "minRuns", 1));
  const minSeconds = atLeast(request, "minSeconds", 0);
  const threads = atLeast(request, "threads", 1);
  const { graph, feeds, names } = readGraph(request, dtype);
  const options: CompileOptions = { target, mode, threads };
  return { program: new Program<Functions>(graph), options, feeds, names, minRuns, minSeconds };
}

const since = (start: bigint): number => Number(process.hrtime.bigint() - start);

function run(task: ReturnType<typeof taskOf>, net: Net<Functions>, compileNanoseconds: number) {
  const { feeds, names, minRuns, minSeconds } = task;
  const { graph } = task.program;
  const call = net.run as NetFunction<FunctionDeclaration>;
  const results = call(feeds as never) as Readonly<Record<string, number | TypedArray>>;
  const nanoseconds: number[] = [];
  let total = 0;
  while (nanoseconds.length < minRuns || total < minSeconds * 1e9) {
    const before = process.hrtime.bigint();
    call.run();
    nanoseconds.push(since(before));
    total += nanoseconds[nanoseconds.length - 1];
  }
  const outputs = Object.fromEntries(
    names.map((name, i) => {
      const { value } = graph.functions[0].outputs[i];
      const result = results[`o${i}`];
      const data = typeof result === "number" ? [result] : result;
      return [name, writeTensor(value.dtype, value.shape.map(Number), data as TypedArray)];
    }),
  );
  return { outputs, nanoseconds, compileNanoseconds };
}

/** The request as a program of one function. Names of the request are data: they never become names of code. */
function readGraph(request: Record<string, unknown>, dtype: DType) {
  const scope = new Scope();
  const inputs: Tensor[] = [];
  const feeds: [string, ArrayLike<number>][] = [];
  const given = request.inputs ?? {};
  if (!isRecord(given)) throw malformed("the inputs cannot be read", "tensors by name", given);
  for (const [name, value] of Object.entries(given)) {
    const { dtype: own, shape, data } = readTensor(value, `input ${JSON.stringify(name)}`, dtype);
    const [leaf] = createNode(inputOp, [], { name, dtype: own, shape }).outputs;
    feeds.push([name, data]);
    inputs.push(leaf);
    scope.set(name, leaf);
  }
  addNodes(nodesOf(request.nodes ?? []), scope, dtype);
  const names = request.outputs;
  if (!Array.isArray(names) || names.length === 0 || !names.every(n => typeof n === "string")) {
    throw malformed("the outputs cannot be read", "an array of at least one name", names);
  }
  const outputs = names.map((name: string, i) => ({ name: `o${i}`, value: scope.get(name) }));
  const seed = createNode(inputOp, [], { name: "seed", dtype: "u32", shape: [] }).outputs[0];
  const graph: ProgramGraph = {
    name: "eval",
    functions: [{ name: "run", inputs, outputs, updates: [] }],
    variables: [],
    seed,
  };
  return { graph, feeds: Object.fromEntries(feeds), names: names as readonly string[] };
}
