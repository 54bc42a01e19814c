import { present } from "../shared/errors.ts";
import { layout, type Place, type Point } from "./layout.ts";
import type { GraphView, ViewNode, ViewResult } from "./view.ts";

/** Text in SVG and HTML. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`).replace(/[^\P{Cc}\n]/gu, " ");

/** A box to be placed: its lines of text, its look and what it tells when pointed at. */
interface Box {
  readonly id: string;
  readonly lines: readonly { readonly text: string; readonly style: "name" | "op" | "type" }[];
  readonly style: string;
  readonly tooltip: string;
  readonly scope: string;
  readonly round: boolean;
}

const CHARACTER = 7.3;
const LINE = 14;
const CORNER = 18;
const MAX_CHARACTERS = 34;
const clip = (text: string): string => (text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text);

function nodeBox(node: ViewNode): Box {
  const leaf = node.kind === "leaf";
  const lines: Box["lines"] = [
    ...(node.name === undefined ? [] : [{ text: clip(node.name), style: "name" as const }]),
    ...(leaf ? [] : [{ text: clip(node.label), style: "op" as const }]),
    { text: clip(node.types.join(", ")), style: "type" },
  ];
  const about = [`${node.op} (${node.kind}, ${node.role})`, ...node.sites, ...node.notes];
  const style = leaf ? node.op : `${node.role} k-${node.kind}`;
  return { id: node.id, lines, style, tooltip: about.join("\n"), scope: node.scope, round: leaf };
}

function resultBox(result: ViewResult, index: number): Box {
  const text = result.kind === "update" ? `new ${result.name}` : result.name;
  return {
    id: `r${index}`,
    lines: [
      { text: clip(text), style: "name" },
      { text: clip(result.function), style: "type" },
    ],
    style: "result",
    tooltip: `${result.kind} of ${result.function}`,
    scope: "",
    round: true,
  };
}

const widthOf = (box: Box): number => Math.max(44, 16 + CHARACTER * Math.max(...box.lines.map(l => l.text.length)));
const heightOf = (box: Box): number => 10 + LINE * box.lines.length;
const round = (n: number): number => Math.round(n * 10) / 10;

/** Colours by role and kind, for light and dark surroundings. */
export const SVG_STYLE = `
.graph{--fwd:#2563eb;--der:#c2410c;--upd:#15803d;--leaf:#64748b;--text:#0f172a;--dim:#475569;--fill:#fff;--box:#f1f5f9}
.graph text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--text);text-anchor:middle}
.graph .name{font-weight:700}.graph .type{fill:var(--dim);font-size:10px}
.graph rect{fill:var(--fill);stroke:var(--leaf);stroke-width:1.3}
.graph .forward rect{stroke:var(--fwd)}.graph .derivative rect{stroke:var(--der);stroke-dasharray:5 3}.graph .update rect{stroke:var(--upd)}
.graph .k-contraction rect{fill:#dbeafe}.graph .k-reduce rect,.graph .k-prefix rect{fill:#ede9fe}.graph .k-composite rect,.graph .k-region rect{fill:#fef3c7}
.graph .k-view rect{fill:#f8fafc}.graph .k-indexed rect,.graph .k-routine rect{fill:#fce7f3}.graph .k-request rect{fill:#ffedd5}
.graph .param rect,.graph .state rect{fill:#e2e8f0}.graph .result rect{stroke:var(--text);stroke-width:2}
.graph .scope{fill:var(--box);stroke:none}.graph .scope-name{text-anchor:start;fill:var(--dim);font-size:11px}
.graph path{fill:none;stroke:var(--dim);stroke-width:1}.graph marker path{fill:var(--dim);stroke:none}
@media (prefers-color-scheme:dark){.graph{--fwd:#60a5fa;--der:#fb923c;--upd:#4ade80;--leaf:#94a3b8;--text:#e2e8f0;--dim:#94a3b8;--fill:#1e293b;--box:#172033}
.graph .k-contraction rect{fill:#1e3a5f}.graph .k-reduce rect,.graph .k-prefix rect{fill:#312e5f}.graph .k-composite rect,.graph .k-region rect{fill:#4a3b12}
.graph .k-view rect{fill:#1a2333}.graph .k-indexed rect,.graph .k-routine rect{fill:#4a1d37}.graph .k-request rect{fill:#4a2a12}.graph .param rect,.graph .state rect{fill:#334155}}
`;

/** The heads of arrows. */
export const SVG_DEFS =
  '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">' +
  '<path d="M0 0L8 4L0 8z"/></marker></defs>';

/**
 * The graph as a drawing: results at the bottom, scopes as shaded areas, derivatives dashed.
 * @param alone false: a page of many drawings has SVG_STYLE and SVG_DEFS once
 */
export function svgOf(view: GraphView, alone = true): string {
  const boxes = [...view.nodes.map(nodeBox), ...view.results.map(resultBox)];
  const edges = [
    ...view.edges.map(e => ({ from: e.from, to: e.to })),
    ...view.results.map((r, i) => ({ from: r.from, to: `r${i}` })),
  ];
  const drawing = layout(
    boxes.map(box => ({ id: box.id, width: widthOf(box), height: heightOf(box), scope: box.scope })),
    edges,
  );
  const width = Math.max(1, Math.ceil(drawing.width));
  const height = Math.max(1, Math.ceil(drawing.height));
  const areas = drawing.areas.map(({ scope, outline }) => {
    const [{ x: left, y: top }] = outline.slice(-1);
    const area = `<path class="scope" d="M${outline.map(p => `${round(p.x)} ${round(p.y)}`).join("L")}z"/>`;
    return `${area}<text class="scope-name" x="${round(left + 6)}" y="${round(top + 12)}">${escapeXml(scope)}</text>`;
  });
  const lines = drawing.paths.map(points => `<path d="${curve(points)}" marker-end="url(#arrow)"/>`);
  return [
    `<svg class="graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(view.title)}</title>${alone ? `<style>${SVG_STYLE}</style>\n${SVG_DEFS}` : ""}`,
    ...areas,
    ...lines,
    ...boxes.map(box => drawBox(box, present(drawing.places.get(box.id)))),
    "</svg>",
    "",
  ].join("\n");
}

function drawBox(box: Box, p: Place): string {
  const [left, top] = [round(p.x - p.width / 2), round(p.y - p.height / 2)];
  const radius = box.round ? round(p.height / 2) : 4;
  const texts = box.lines.map(
    (l, i) =>
      `<text class="${l.style}" x="${round(p.x)}" y="${round(top + 5 + LINE * (i + 0.8))}">${escapeXml(l.text)}</text>`,
  );
  const rect = `<rect x="${left}" y="${top}" width="${round(p.width)}" height="${round(p.height)}" rx="${radius}"/>`;
  return `<g class="${box.style}"><title>${escapeXml(box.tooltip)}</title>${rect}${texts.join("")}</g>`;
}

/** A line through points, its corners rounded by curves that stay between their neighbours. */
function curve(points: readonly Point[]): string {
  const at = (p: Point): string => `${round(p.x)} ${round(p.y)}`;
  const towards = (from: Point, to: Point): Point => {
    const part = Math.min(0.5, CORNER / Math.max(1, Math.hypot(to.x - from.x, to.y - from.y)));
    return { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) };
  };
  const corners = points
    .slice(1, -1)
    .map((p, i) => `L${at(towards(p, points[i]))}Q${at(p)} ${at(towards(p, points[i + 2]))}`);
  return `M${at(points[0])}${corners.join("")}L${at(points[points.length - 1])}`;
}
