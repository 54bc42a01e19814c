import { cond, map, scan, whileLoop } from "../api.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { addNodes, namesOf, nodesOf, Scope } from "./eval-graph.ts";
import { isRecord, malformed } from "./eval-values.ts";

interface Request {
  readonly inputs: readonly Tensor[];
  readonly attrs: Record<string, unknown>;
  readonly scope: Scope;
  readonly dtype: DType;
}

/** How bodies of regions reach the functions of the vocabulary: by name, the attributes besides counts and bodies. */
const REGIONS: Readonly<Record<string, (request: Request) => readonly Tensor[]>> = {
  scan: scanRequest,
  while: whileRequest,
  whileLoop: whileRequest,
  cond: condRequest,
  map: mapRequest,
};

export const REGION_NAMES: readonly string[] = Object.keys(REGIONS);

/** The values of an op with bodies; undefined where `op` is none. */
export function evalRegion(op: string, request: Request): readonly Tensor[] | undefined {
  return Object.hasOwn(REGIONS, op) ? REGIONS[op](request) : undefined;
}

function checkAttributes(op: string, { attrs }: Request, known: readonly string[]): void {
  const strange = Object.keys(attrs).find(key => !known.includes(key));
  if (strange === undefined) return;
  throw new GradcError("unsupported", `${op}: there is no attribute ${JSON.stringify(strange)}`, {
    expected: known.join(", "),
    received: strange,
  });
}

function countOf(op: string, { attrs }: Request, key: string): number {
  const value = attrs[key] ?? 0;
  if (Number.isInteger(value) && (value as number) >= 0) return value as number;
  throw malformed(`${op}: ${key} cannot be read`, "a count", value);
}

/** A function that adds the nodes of a body to a scope of its own. It also sees the names around it. */
function bodyOf(op: string, { attrs, scope, dtype }: Request, key: string, inputs: number, outputs: number) {
  const body = attrs[key];
  if (!isRecord(body)) throw malformed(`${op} has no ${key}`, `attrs.${key}: { inputs, nodes, outputs }`, body);
  const names = namesOf(body.inputs, `the inputs of ${key}`);
  const results = namesOf(body.outputs, `the outputs of ${key}`);
  if (names.length !== inputs || results.length < outputs) {
    throw malformed(`${op}: its ${key} does not fit`, `${inputs} inputs and at least ${outputs} outputs`, names);
  }
  return (given: readonly Tensor[]): Tensor[] => {
    const inside = new Scope(scope);
    given.forEach((value, i) => {
      inside.set(names[i], value);
    });
    addNodes(nodesOf(body.nodes), inside, dtype);
    return results.map(name => inside.get(name));
  };
}

/** The options of a request that are present. */
const optionsOf = ({ attrs }: Request, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap(n => (attrs[n] === undefined || attrs[n] === null ? [] : [[n, attrs[n]]])));

type Values = readonly Tensor[];

/** Inputs are the first carries, then the sequences, then captures; the body names them in that order. */
function scanRequest(request: Request): Values {
  const options = ["length", "reverse", "checkpoint"];
  checkAttributes("scan", request, ["body", "carries", "sequences", "captures", ...options]);
  const { inputs } = request;
  const carries = countOf("scan", request, "carries");
  const first = carries + countOf("scan", request, "sequences");
  if (first > inputs.length) throw malformed("scan: too few inputs", `at least ${first}`, inputs.length);
  const body = bodyOf("scan", request, "body", inputs.length, carries);
  const step = (carry: Values, x: Values = []): object => {
    const values = body([...carry, ...x, ...inputs.slice(first)]);
    return { carry: values.slice(0, carries), out: values.slice(carries) };
  };
  const xs = first > carries ? inputs.slice(carries, first) : undefined;
  const loop = scan as unknown as (...args: unknown[]) => { carry: Values; out: Values };
  const { carry, out } = loop(step, inputs.slice(0, carries), xs, optionsOf(request, options));
  return [...carry, ...out];
}

/** Inputs are the first carries, then captures; condition and body name them in that order. */
function whileRequest(request: Request): Values {
  const options = ["max", "checkpoint"];
  checkAttributes("while", request, ["condition", "body", "carries", "captures", ...options]);
  const { inputs } = request;
  const captures = countOf("while", request, "captures");
  const carries = request.attrs.carries === undefined ? inputs.length - captures : countOf("while", request, "carries");
  if (carries > inputs.length) throw malformed("while: too few inputs", `at least ${carries}`, inputs.length);
  const rest = inputs.slice(carries);
  const condition = bodyOf("while", request, "condition", inputs.length, 1);
  const body = bodyOf("while", request, "body", inputs.length, carries);
  const loop = whileLoop as unknown as (...args: unknown[]) => Values;
  return loop(
    (carry: Values) => condition([...carry, ...rest])[0],
    (carry: Values) => body([...carry, ...rest]),
    inputs.slice(0, carries),
    optionsOf(request, options),
  );
}

/** Inputs are the condition, then captures, which both bodies name. */
function condRequest(request: Request): Values {
  checkAttributes("cond", request, ["then", "else", "captures"]);
  const [condition, ...captures] = request.inputs;
  if (!condition) throw malformed("cond has no inputs", "a condition, then captures", request.inputs.length);
  const [then, otherwise] = ["then", "else"].map(key => bodyOf("cond", request, key, captures.length, 0));
  const choose = cond as unknown as (...args: unknown[]) => Values;
  return choose(
    condition,
    () => then(captures),
    () => otherwise(captures),
  );
}

/** Inputs are the sequences, then captures; the body names them in that order. */
function mapRequest(request: Request): Values {
  checkAttributes("map", request, ["body", "sequences", "captures", "checkpoint"]);
  const { inputs, attrs } = request;
  const captures = countOf("map", request, "captures");
  const sequences = attrs.sequences === undefined ? inputs.length - captures : countOf("map", request, "sequences");
  const body = bodyOf("map", request, "body", inputs.length, 1);
  const rest = inputs.slice(sequences);
  const each = map as unknown as (...args: unknown[]) => Values;
  return each((xs: Values) => body([...xs, ...rest]), inputs.slice(0, sequences), optionsOf(request, ["checkpoint"]));
}
