import { readFileSync } from "node:fs";
import { escapeXml } from "../../../../src/inspect/svg.ts";
import type { Row } from "../row.ts";
import { drawingOf } from "./picture.ts";

const COLUMNS = 6;
const [TILE, MARGIN, TITLE] = [{ width: 190, height: 176 }, 14, 40];
/** Pixels for a unit of a picture, where it fits. */
const SCALE = 0.72;
/** Letters of a line of a title. */
const LINE = 21;

/** All networks in one picture that stands on its own, each with its number and name. */
export function chartSvg(rows: readonly Row[]): string {
  const [width, height] = [COLUMNS * TILE.width, Math.ceil(rows.length / COLUMNS) * TILE.height];
  const style = readFileSync(new URL("network.css", import.meta.url), "utf8").replace(/\/\*.*?\*\/\n?/gs, "");
  const tiles = rows.map((row, i) => tile(row, (i % COLUMNS) * TILE.width, Math.floor(i / COLUMNS) * TILE.height));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">\n` +
    `<title>The networks of the zoo: ${escapeXml(rows.map(row => row.title).join(", "))}</title>\n` +
    `<style>\nsvg { --dim: #667085; }\n.name { font: 600 13px system-ui, sans-serif; fill: #1a2233; }\n${style}` +
    `.network text { display: none; }\n</style>\n<rect width="100%" height="100%" fill="#ffffff"/>\n${tiles.join("\n")}\n</svg>\n`
  );
}

function tile({ number, title, chart }: Row, x: number, y: number): string {
  const { content, viewBox, width, height } = drawingOf(chart);
  const room = { width: TILE.width - 2 * MARGIN, height: TILE.height - 2 * MARGIN - TITLE };
  const scale = Math.min(SCALE, room.width / width, room.height / height);
  const [w, h] = [Math.round(scale * width), Math.round(scale * height)];
  const [left, top] = [x + MARGIN, y + MARGIN + TITLE + Math.round((room.height - h) / 2)];
  const lines = broken(`${number} ${title}`).map(
    (line, i) => `<text class="name" x="${left}" y="${y + MARGIN + 12 + 16 * i}">${escapeXml(line)}</text>`,
  );
  const size = `x="${left}" y="${top}" width="${w}" height="${h}"`;
  return `${lines.join("")}<svg class="network" ${size} viewBox="${viewBox}">${content}</svg>`;
}

/** A title in lines of about equal room. */
function broken(title: string): string[] {
  const lines = [""];
  for (const word of title.split(" ")) {
    const last = lines[lines.length - 1];
    if (last.length + 1 + word.length > LINE && last !== "") lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
