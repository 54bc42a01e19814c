import { escapeXml } from "../../../../src/inspect/svg.ts";
import { cell, KINDS } from "./cells.ts";
import type { GalleryEntry } from "./entry.ts";
import { pictureSvg } from "./picture.ts";
import { anchorOf, numberText, standing } from "./section.ts";

/** All networks at a glance, each a way to its section. */
export const poster = (entries: readonly GalleryEntry[]): string =>
  `<nav class="poster" aria-label="Networks">\n${entries.map(tile).join("\n")}\n</nav>`;

/** Pixels for a unit of a picture: the same for all, so that cells are alike. */
const SCALE = 0.72;

function tile({ result, row }: GalleryEntry): string {
  const state = standing(result);
  const mark = state === "good" ? "" : ' <span class="badge bad">missed</span>';
  return (
    `<a class="tile card" href="#${anchorOf(result)}"><span class="title"><span class="number">${numberText(result)}</span> ` +
    `${escapeXml(result.title)}${mark}</span><span class="picture">${row ? pictureSvg(row.chart, SCALE) : ""}</span></a>`
  );
}

/** What the cells' colours and marks mean. */
export const legend = (): string =>
  `<ul class="legend">${KINDS.map(kind => {
    const drawing = `<svg class="network" viewBox="-16 -18 34 34" width="26" height="26" aria-hidden="true">${cell(kind, { x: 0, y: 0 })}</svg>`;
    return `<li>${drawing}${kind}</li>`;
  }).join("")}</ul>`;
