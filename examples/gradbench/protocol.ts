import { MODULES } from "./index.ts";
import type { Json, Module, Task } from "./task.ts";

/** A message of the evaluation, one line of JSON. */
export interface Message {
  readonly id: number;
  readonly kind: string;
  readonly module?: string;
  readonly function?: string;
  readonly input?: unknown;
}

interface Timing {
  readonly name: "evaluate";
  readonly nanoseconds: number;
}

export interface Response {
  readonly id: number;
  readonly tool?: string;
  readonly success?: boolean;
  readonly output?: Json;
  readonly timings?: readonly Timing[];
  readonly error?: string;
}

/** How often to repeat an evaluation; inputs of some modules do not say, and are then evaluated once. */
interface Repeats {
  readonly min_runs?: number;
  readonly min_seconds?: number;
}

function named<T>(what: string, table: Readonly<Record<string, T>>, name: string | undefined): T {
  if (name !== undefined && Object.hasOwn(table, name)) return table[name];
  throw new Error(`no ${what} ${JSON.stringify(name)}; there are: ${Object.keys(table).join(", ")}`);
}

const moduleOf = (message: Message): Module => named("module", MODULES, message.module);

/** Runs a task until both `min_runs` and `min_seconds` of its own time are met. */
function timed(task: Task, { min_runs = 1, min_seconds = 0 }: Repeats): Timing[] {
  const timings: Timing[] = [];
  let total = 0;
  do {
    const start = process.hrtime.bigint();
    task.run();
    const nanoseconds = Number(process.hrtime.bigint() - start);
    total += nanoseconds;
    timings.push({ name: "evaluate", nanoseconds });
  } while (timings.length < min_runs || total < min_seconds * 1e9);
  return timings;
}

function evaluate(message: Message): Omit<Response, "id"> {
  const prepare = named("function", moduleOf(message), message.function);
  const task = prepare(message.input as never);
  const repeats = typeof message.input === "object" ? (message.input as Repeats | null) : null;
  const timings = timed(task, repeats ?? {});
  return { success: true, output: task.output(), timings };
}

function answer(message: Message): Omit<Response, "id"> {
  switch (message.kind) {
    case "start":
      return { tool: "gradc" };
    case "define":
      moduleOf(message);
      return { success: true };
    case "evaluate":
      return evaluate(message);
    default:
      return {};
  }
}

/** The response to a message; what a module throws becomes an answer without success. */
export function respond(message: Message): Response {
  try {
    return { id: message.id, ...answer(message) };
  } catch (error) {
    return { id: message.id, success: false, error: error instanceof Error ? error.message : String(error) };
  }
}
