import type { LoweredProgram } from "../plan/ir.ts";
import { CHART_STYLE, chart } from "./chart.ts";
import type { Derivation } from "./derivation.ts";
import { derivationSection, graphSection, kernelSection, rewriteSection, section } from "./html.ts";
import { code, page, table } from "./page.ts";
import type { Stage } from "./stage.ts";
import { escapeXml } from "./svg.ts";
import type { GraphView } from "./view.ts";

/** One example: an image of `width` columns with values from 0 to 1, what it is and what the network says. */
export interface ReportSample {
  readonly pixels: ArrayLike<number>;
  readonly width: number;
  readonly label: number;
  readonly predicted: number;
  readonly confidence: number;
}

export interface ReportFile {
  readonly name: string;
  readonly bytes: number;
  readonly gzip: number;
}

/** What the compiler knows of a program, for reports: see inspectReport. */
export interface ReportGraphs {
  readonly forward: GraphView;
  readonly derivative: GraphView;
  readonly stages: readonly Stage[];
  readonly program: LoweredProgram;
  readonly derivation?: Derivation;
}

export interface Report extends ReportGraphs {
  readonly title: string;
  readonly about: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly epochs: readonly { readonly loss: number; readonly train: number; readonly test: number }[];
  readonly samples: readonly ReportSample[];
  readonly files: readonly ReportFile[];
}

const STYLE = `${CHART_STYLE}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:14px}
.digits{display:flex;flex-wrap:wrap;gap:10px}.digit{width:74px;text-align:center;font-size:12px;color:var(--dim);border:2px solid transparent;border-radius:8px;padding:4px}
.digit svg{width:100%;height:auto;border-radius:4px;background:#000;display:block}.digit.wrong{border-color:var(--bad)}.digit.wrong b{color:var(--bad)}.digit b{color:var(--good)}
`;

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

function sampleSvg(s: ReportSample): string {
  const height = s.pixels.length / s.width;
  const cells = Array.from(s.pixels, (v, i) => {
    if (v <= 0) return "";
    const [x, y] = [i % s.width, Math.floor(i / s.width)];
    return `<rect x="${x}" y="${y}" width="1.02" height="1.02" fill="#fff" fill-opacity="${Math.round(v * 100) / 100}"/>`;
  });
  return `<svg viewBox="0 0 ${s.width} ${height}" role="img"><title>${s.label}</title>${cells.join("")}</svg>`;
}

function sampleFigure(s: ReportSample): string {
  const wrong = s.predicted !== s.label;
  const text = wrong ? `<b>${s.predicted}</b>, is ${s.label}` : `<b>${s.predicted}</b> ${percent(s.confidence)}`;
  return `<div class="digit${wrong ? " wrong" : ""}">${sampleSvg(s)}${text}</div>`;
}

function learningSection(r: Report): string {
  const loss = chart("loss", [{ name: "training", values: r.epochs.map(e => e.loss) }], y => y.toPrecision(2));
  const series = [
    { name: "test", values: r.epochs.map(e => e.test) },
    { name: "training", values: r.epochs.map(e => e.train) },
  ];
  const accuracy = chart("accuracy", series, y => percent(y));
  return (
    `<h2>Learning curve</h2>\n<p>${r.epochs.length} epochs.</p>\n` +
    `<div class="charts"><div class="card">${loss}</div><div class="card">${accuracy}</div></div>`
  );
}

function fileSection(r: Report): string {
  const columns = [{ title: "file" }, { title: "bytes", number: true }, { title: "gzip", number: true }];
  const rows = r.files.map(f => [code(f.name), f.bytes.toLocaleString("en"), f.gzip.toLocaleString("en")]);
  return section("Files", "What was written; the module imports nothing.", table(columns, rows));
}

function costSection(program: LoweredProgram): string {
  const columns = ["function", "flops", "bytes moved", "scratch bytes", "alive at once"].map((title, i) => ({
    title,
    number: i > 0,
  }));
  const rows = program.reports.map(f => [
    code(f.name),
    ...[f.flops, f.bytesMoved, f.scratchBytes, f.livenessBytes].map(n => n.toLocaleString("en")),
  ]);
  return section(
    "Cost of one call",
    "At the largest batch. No plan of this order needs less memory than what is alive at once.",
    table(columns, rows),
  );
}

/** A page on its own about one training run and what was compiled for it. */
export function reportHtml(r: Report): string {
  const facts = r.facts.map(
    f => `<div class="card fact"><b>${escapeXml(f.value)}</b><span>${escapeXml(f.name)}</span></div>`,
  );
  const wrong = r.samples.filter(s => s.predicted !== s.label).length;
  return page(
    r.title,
    [
      `<h1>${escapeXml(r.title)}</h1><p>${escapeXml(r.about)}</p><div class="facts">${facts.join("")}</div>`,
      learningSection(r),
      section(
        "Test samples",
        `What the network says about ${r.samples.length} test images${wrong > 0 ? `; wrong ones are marked (${wrong})` : ""}.`,
        `<div class="digits">${r.samples.map(sampleFigure).join("")}</div>`,
      ),
      ...(r.derivation ? [derivationSection(r.derivation)] : []),
      graphSection("Forward graph", r.forward),
      graphSection("Derivative graph", r.derivative),
      rewriteSection(r.stages),
      kernelSection(r.program),
      costSection(r.program),
      fileSection(r),
    ].join("\n"),
    STYLE,
  );
}
