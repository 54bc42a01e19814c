import { escapeXml } from "../../../../src/inspect/svg.ts";
import { type FigureResult, kilobytes, NONE, type Result, shown, shownBar, shownCosts } from "../results.ts";
import type { Exhibit } from "../row.ts";
import { highlighted } from "./code.ts";
import type { GalleryEntry } from "./entry.ts";
import { gauge } from "./gauge.ts";
import type { Fold } from "./graphs.ts";
import { pictureSvg } from "./picture.ts";

export const numberText = (r: Result): string => String(r.number).padStart(2, "0");

/** Where a row stands in the page. */
export const anchorOf = (r: Result): string => `row-${numberText(r)}`;

const VERDICTS: Readonly<Record<FigureResult["verdict"], string>> = {
  met: "met",
  missed: "missed",
  "not measured": "not measured",
};

/** How a row did: all figures met, some missed, or it failed. */
export function standing(r: Result): "good" | "bad" {
  return r.error === undefined && r.figures.every(f => f.verdict !== "missed") ? "good" : "bad";
}

/** One network: its picture, what it learned, what it costs, its graphs and its code. */
export function sectionOf({ result, row, exhibits, graphs, code }: GalleryEntry): string {
  const r = result;
  const picture = row ? `<div class="card portrait">${pictureSvg(row.chart)}</div>` : "";
  return [
    `<section class="row" id="${anchorOf(r)}">`,
    `<h2><span class="number">${numberText(r)}</span> ${escapeXml(r.title)} ${badge(r)}</h2>`,
    `<p class="published">${escapeXml(r.published)}</p>`,
    ...(row ? [`<p>${escapeXml(row.about)}</p>`] : []),
    ...(r.error === undefined ? [] : [`<pre class="card error">${escapeXml(r.error)}</pre>`]),
    `<div class="lead">${picture}<div class="card figures">${figures(r)}</div></div>`,
    costs(r),
    exhibits.length > 0 ? `<div class="exhibits">${exhibits.map(exhibit).join("\n")}</div>` : "",
    ...graphs.map(fold),
    fold({
      title: `Code, ${code.trimEnd().split("\n").length} lines`,
      about: `examples/zoo/${escapeXml(r.file)}`,
      html: highlighted(code),
    }),
    '<p class="up"><a href="#top">↑ all networks</a></p></section>',
  ].join("\n");
}

function badge(r: Result): string {
  if (r.error !== undefined) return '<span class="badge bad">failed</span>';
  const missed = r.figures.filter(f => f.verdict === "missed").length;
  if (missed > 0) return `<span class="badge bad">${missed} of ${r.figures.length} missed</span>`;
  return "";
}

function figures(r: Result): string {
  const rows = r.figures.map(f => {
    const value = f.median === undefined ? NONE : shown(f.median, f);
    const reason = f.verdict === "not measured" && f.needs ? `, ${f.needs} is missing` : "";
    const reference = f.reference ? `<small>Others: ${escapeXml(f.reference)}</small>` : "";
    return (
      `<tr class="${f.verdict.replace(" ", "-")}"><td>${escapeXml(f.what)}${reference}</td><td class="n"><b>${value}</b></td>` +
      `<td>${shownBar(f)}</td><td>${f.values.length > 0 ? gauge(f) : ""}</td><td>${VERDICTS[f.verdict]}${reason}</td></tr>`
    );
  });
  return (
    '<table><thead><tr><th>figure</th><th class="n">value</th><th>bar</th><th></th><th></th></tr></thead>' +
    `<tbody>${rows.join("\n")}</tbody></table>`
  );
}

function costs(r: Result): string {
  const { parameters, compile, step, time } = shownCosts(r);
  const facts = [
    ["parameters", parameters],
    ["compiled in", `${compile} ms`],
    ["a training step", `${step} µs`],
    ["trained and measured in", `${time} s`],
    ["WebAssembly module, gzip", r.module ? kilobytes(r.module.wasm) : NONE],
    ["JavaScript module, gzip", r.module ? kilobytes(r.module.js) : NONE],
  ];
  return `<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

function exhibit({ title, caption, html }: Exhibit): string {
  const text = `<b>${escapeXml(title)}</b>${caption ? ` <span>${escapeXml(caption)}</span>` : ""}`;
  return `<figure class="card"><figcaption>${text}</figcaption><div class="scroll">${html}</div></figure>`;
}

/** What many will not want to see at first. */
const fold = ({ title, about, html }: Fold): string =>
  `<details class="card"><summary>${escapeXml(title)}</summary><p>${about}</p>` +
  `${html ? `<div class="scroll" tabindex="0">${html}</div>` : ""}</details>`;
