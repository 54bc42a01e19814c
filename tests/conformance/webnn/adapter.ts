import * as g from "../../../src/index.ts";
import { ARRAYS } from "./operators/arrays.ts";
import { DTYPES, ELEMENTWISE } from "./operators/elementwise.ts";
import { LAYERS } from "./operators/layers.ts";
import type { Arguments, Float, Operators } from "./operators/operator.ts";
import { REDUCTIONS } from "./operators/reductions.ts";
import { dataOf, type Operand, type Operator, type RecordedTest, recordedOf, sizeOf } from "./suite.ts";

const OPERATORS: Operators = { ...ELEMENTWISE, ...ARRAYS, ...REDUCTIONS, ...LAYERS };

/** A recorded test as a function of gradc. */
export interface Translated {
  readonly inputs: readonly g.Input[];
  readonly outputs: Readonly<Record<string, g.Tensor>>;
  readonly feeds: Readonly<Record<string, number | ArrayLike<number>>>;
}

/** @throws Error for data types that gradc does not have */
function declared(name: string, operand: Operand): g.Tensor {
  const { dataType, shape } = operand.descriptor;
  if (!(dataType === "float32" || dataType === "int32" || dataType === "uint32")) {
    throw new Error(`gradc has no ${dataType}`);
  }
  const dtype = DTYPES[dataType];
  if (!operand.constant) return g.input(name, shape, dtype);
  const data = recordedOf(operand);
  return data.length < sizeOf(operand) ? g.fill(data[0], shape, dtype) : g.constant(data, shape, dtype);
}

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);

/** Non-finite numbers are recorded as text. */
function plainOf(value: unknown): unknown {
  const number = typeof value === "string" ? Number(value) : 0;
  return value === "NaN" || (typeof value === "string" && !Number.isNaN(number)) ? number : value;
}

function argumentsOf(operator: Operator, values: ReadonlyMap<string, g.Tensor>): Arguments {
  const all = Object.assign({}, ...operator.arguments) as Record<string, unknown>;
  const options = isRecord(all.options) ? all.options : {};
  const tensor = (name: unknown): Float => {
    const found = values.get(String(name));
    if (!found) throw new Error(`${operator.name}: no operand ${name}`);
    return found as Float;
  };
  return {
    one: name => tensor(all[name]),
    list: name => (all[name] as string[]).map(tensor),
    plain: <T>(name: string) => plainOf(all[name]) as T,
    option: <T>(name: string, fallback: T) => (options[name] === undefined ? fallback : (plainOf(options[name]) as T)),
    given: name => (options[name] === undefined ? undefined : tensor(options[name])),
  };
}

/**
 * @param prefix stands before the names of inputs, so that tests can be functions of one program
 * @throws what declaring the graph throws: the reason why a test is not supported
 */
export function translate({ graph }: RecordedTest, prefix: string): Translated {
  const values = new Map<string, g.Tensor>();
  const inputs: g.Input[] = [];
  const feeds: Record<string, number | ArrayLike<number>> = {};
  for (const [name, operand] of Object.entries(graph.inputs)) {
    const x = declared(prefix + name, operand);
    values.set(name, x);
    if (operand.constant) continue;
    const data = dataOf(operand);
    inputs.push(x as g.Input);
    feeds[prefix + name] = x.rank === 0 ? data[0] : data;
  }
  for (const operator of graph.operators) {
    const f = OPERATORS[operator.name];
    if (!f) throw new Error(`no translation of ${operator.name}`);
    const made = f(argumentsOf(operator, values));
    const results = made instanceof g.Tensor ? [made] : made;
    [operator.outputs].flat().forEach((name, i) => {
      values.set(name as string, results[i]);
    });
  }
  const names = Object.keys(graph.expectedOutputs);
  return { inputs, outputs: Object.fromEntries(names.map(name => [name, values.get(name) as g.Tensor])), feeds };
}
