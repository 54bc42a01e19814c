import type { LoweredProgram } from "../plan/ir.ts";
import type { Derivation } from "./derivation.ts";
import { kernelRows } from "./kernels.ts";
import { code, page, table } from "./page.ts";
import type { Stage } from "./stage.ts";
import { escapeXml, svgOf } from "./svg.ts";
import type { GraphView } from "./view.ts";

export const section = (title: string, about: string, body: string): string =>
  `<h2>${escapeXml(title)}</h2>\n<p>${about}</p>\n<div class="card scroll">${body}</div>`;

/** Drawing of a graph, with what its colours mean. */
export const graphSection = (title: string, view: GraphView): string =>
  section(
    title,
    `${view.nodes.length} operations. Blue: what you wrote; dashed orange: derivatives; green: what follows from them. ` +
      "Point at a box for its lines and rules.",
    svgOf(view),
  );

/** What every pass did, each firing with both sides. */
export function rewriteSection(stages: readonly Stage[]): string {
  const rows = stages.flatMap(stage => {
    const counted = new Map<string, { cells: string[]; count: number }>();
    for (const f of stage.fired) {
      const cells = [stage.name, f.rule, f.contract, f.equation, f.beforeText, f.afterText].map(code);
      const old = counted.get(cells.join());
      if (old) old.count++;
      else counted.set(cells.join(), { cells, count: 1 });
    }
    return [...counted.values()].map(({ cells, count }) => [...cells, count > 1 ? `×${count}` : ""]);
  });
  const columns = ["pass", "rule", "contract", "equation", "before", "after", ""].map(title => ({ title }));
  const about =
    "Every rule that fired, with both sides. <em>exact</em>: the same bits; <em>finite-only</em>: for finite numbers; " +
    "<em>reassociates</em>: rounding may differ.";
  return section("Rewrites", about, rows.length === 0 ? "none" : table(columns, rows));
}

export function kernelSection(program: LoweredProgram): string {
  const columns = ["function", "kernel", "computes", "your lines"].map(title => ({ title }));
  const rows = kernelRows(program).map(k => [
    code(k.function),
    code(k.kernel),
    k.values.map(code).join("<br>"),
    k.sites.map(code).join("<br>"),
  ]);
  return section("Kernels", "What runs, in order, and which of your lines it computes.", table(columns, rows));
}

export function derivationSection(d: Derivation): string {
  const columns = ["forward, from the result back", "line", "rule", "adds", "shape"].map(title => ({ title }));
  const rows = d.rows.map(r => [r.forward, r.line, r.rule, r.adds, r.type].map(code));
  return section(d.title, "How the gradient follows; ȳ is the cotangent of the line above.", table(columns, rows));
}

export interface InspectionPage {
  readonly title: string;
  readonly about: string;
  readonly view: GraphView;
  readonly stages: readonly Stage[];
  readonly program: LoweredProgram;
  readonly derivation?: Derivation;
}

export const htmlOf = (p: InspectionPage): string =>
  page(
    p.title,
    [
      `<h1>${escapeXml(p.title)}</h1><p>${escapeXml(p.about)}</p>`,
      ...(p.derivation ? [derivationSection(p.derivation)] : []),
      graphSection("Graph", p.view),
      rewriteSection(p.stages),
      kernelSection(p.program),
    ].join("\n"),
  );
