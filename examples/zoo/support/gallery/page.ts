import { readFileSync } from "node:fs";
import { page, table } from "../../../../src/inspect/page.ts";
import { escapeXml, SVG_DEFS, SVG_STYLE } from "../../../../src/inspect/svg.ts";
import { type Circumstances, kilobytes, measured, NONE, type Result, shownCosts, tally } from "../results.ts";
import type { GalleryEntry } from "./entry.ts";
import { legend, poster } from "./poster.ts";
import { anchorOf, numberText, sectionOf } from "./section.ts";

const own = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");

/** The gallery: one page that needs no network. */
export function galleryPage(circumstances: Circumstances, entries: readonly GalleryEntry[]): string {
  const results = entries.map(e => e.result);
  const body = [
    '<header id="top"><h1>The zoo of networks</h1>',
    `<p>${introduction(results)}</p><p class="how">${measured(circumstances)}</p></header>`,
    poster(entries),
    legend(),
    `<h2>In numbers</h2><div class="card scroll" tabindex="0">${numbers(results)}</div>`,
    ...entries.map(sectionOf),
    `<svg class="graph defs" width="0" height="0" aria-hidden="true">${SVG_DEFS}</svg>`,
    `<script>\n${own("films.js")}</script>`,
  ].join("\n");
  return page("gradc: the zoo of networks", body, SVG_STYLE + own("network.css") + own("gallery.css"));
}

function introduction(results: readonly Result[]): string {
  const { met, missed, failed, "not measured": without } = tally(results);
  const many = results.length === 1 ? "A network" : `${results.length} networks`;
  const verdicts = [
    `${met} of ${met + missed + without} figures are met`,
    ...(missed > 0 ? [`<b class="bad">${missed} missed</b>`] : []),
    ...(without > 0 ? [`${without} not measured`] : []),
    ...(failed > 0 ? [`<b class="bad">${failed} failed</b>`] : []),
  ];
  return (
    `${many}, from the perceptron on, drawn as in the well-known chart. Each is a program of at most 150 lines, compiled ` +
    `by gradc, trained here, and judged by figures: ${verdicts.join(", ")}. Choose one.`
  );
}

function numbers(results: readonly Result[]): string {
  const columns = [
    "",
    "network",
    "parameters",
    "compile ms",
    "µs a step",
    "training s",
    "WASM gzip",
    "figures met",
  ].map((title, i) => ({ title, number: i > 1 }));
  const rows = results.map(r => {
    const { parameters, compile, step, time } = shownCosts(r);
    const met = r.figures.filter(f => f.verdict === "met").length;
    const missed = r.error !== undefined || r.figures.some(f => f.verdict === "missed");
    const share = `${met} of ${r.figures.length}`;
    return [
      numberText(r),
      `<a href="#${anchorOf(r)}">${escapeXml(r.title)}</a>`,
      ...[parameters, compile, step, time, r.module ? kilobytes(r.module.wasm) : NONE],
      missed ? `<b class="bad">${share}</b>` : share,
    ];
  });
  return table(columns, rows);
}
