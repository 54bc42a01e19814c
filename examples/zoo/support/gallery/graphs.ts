import type { Functions, Program } from "gradc";
import type { Derivation } from "../../../../src/inspect/derivation.ts";
import { escapeXml, svgOf } from "../../../../src/inspect/svg.ts";
import type { GraphView } from "../../../../src/inspect/view.ts";
import { declaredViews, gradientViews } from "../../../../src/inspect.ts";
import { collapsed } from "./collapse.ts";
import { derivationTable } from "./derivation.ts";

/** Something to unfold: HTML below a title. */
export interface Fold {
  readonly title: string;
  readonly about: string;
  readonly html: string;
}

/** A drawing with more operations is too large to be looked at, and one of more bytes to be on a page of many. */
const MOST_OPERATIONS = 200;
const MOST_BYTES = 130_000;
/** Lines of a derivation that can be read from the first to the last. */
const READABLE = 30;

interface Drawn {
  readonly view: GraphView;
  readonly svg: string;
}

function drawn(view: GraphView): Drawn | undefined {
  if (view.nodes.length > MOST_OPERATIONS) return undefined;
  const svg = svgOf(view, false);
  return svg.length > MOST_BYTES ? undefined : { view, svg };
}

const operations = (view: GraphView): number => view.nodes.filter(n => n.kind !== "leaf").length;

const COLOURS = "Point at a box for its lines.";

/** The graphs of a program: forward, of its gradients, and how one of them follows. */
export function graphsOf(program: Program<Functions>): Fold[] {
  const { forward, derivative, targets } = declaredViews(program);
  if (derivative.nodes.length === 0) return [...forwardFold(forward, "Graph", "It learns without a gradient.")];
  const shown = targets.length === 0 ? undefined : readable(program, targets);
  return [
    ...forwardFold(forward, "Forward graph", ""),
    ...derivativeFold(derivative, shown),
    ...(shown ? [derivationFold(shown.derivation)] : []),
  ];
}

function forwardFold(view: GraphView, title: string, about: string): Fold[] {
  const whole = drawn(view);
  const fold = (d: Drawn, more: string): Fold => ({
    title: `${title}, ${operations(view)} operations`,
    about: [about, more, COLOURS].filter(Boolean).join(" "),
    html: d.svg,
  });
  if (whole) return [fold(whole, "")];
  const layers = drawn(collapsed(view));
  if (layers) return [fold(layers, "Too many to be drawn one by one: a box is a layer.")];
  return [{ title: `${title}, ${operations(view)} operations`, about: "Too large to be drawn here.", html: "" }];
}

interface Gradient {
  readonly of: string;
  readonly derivation: Derivation;
  readonly derivative: GraphView;
}

/** The longer derivation of the first and the last weights, or else the shorter one: one that can be read. */
function readable(program: Program<Functions>, targets: readonly string[]): Gradient {
  const matrices = program.graph.variables.filter(v => v.value.rank > 1).map(v => v.name);
  const weights = targets.filter(of => matrices.includes(of));
  const some = weights.length > 0 ? weights : targets;
  const [first, last] = [some[0], some[some.length - 1]].map(of => ({ of, ...gradientViews(program, of) }));
  const [short, long] = first.derivation.rows.length < last.derivation.rows.length ? [first, last] : [last, first];
  return long.derivation.rows.length <= READABLE ? long : short;
}

function derivativeFold(view: GraphView, one: Gradient | undefined): Fold[] {
  const title = `Derivative graph, ${operations(view)} operations`;
  const whole = drawn(view);
  const colours = `Blue: what was written; dashed orange: derivatives. ${COLOURS}`;
  if (whole) return [{ title, about: `All gradients that the program asks for. ${colours}`, html: whole.svg }];
  const single = one && (drawn(one.derivative) ?? drawn(collapsed(one.derivative)));
  if (!one || !single) return [{ title, about: "Too large to be drawn here.", html: "" }];
  const name = escapeXml(one.derivation.title.split(" ")[0]);
  return [{ title, about: `Too many to be drawn: this is ${name} alone. ${colours}`, html: single.svg }];
}

const derivationFold = (d: Derivation): Fold => ({
  title: `How ${d.title.split(" ")[0]} follows, line by line`,
  about: "From the result back; ȳ is the cotangent of the line above.",
  html: derivationTable(d),
});
