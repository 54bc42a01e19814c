import type { Table } from "./data.ts";
import { images } from "./plot.ts";
import type { Exhibit } from "./row.ts";

/** Digits that were named wrong, each with its label and the name it was given. `scores`: ten for each digit. */
export function mistakes(scores: ArrayLike<number>, { x, label, width, length }: Table): Exhibit {
  const figures: string[] = [];
  for (let i = 0; i < length; i++) {
    const own = Array.from({ length: 10 }, (_, digit) => scores[i * 10 + digit]);
    const named = own.indexOf(Math.max(...own));
    if (named === label[i]) continue;
    const picture = images(x.subarray(i * width, (i + 1) * width), { width: 8, height: 8, scale: 6, range: [0, 1] });
    figures.push(`<figure style="margin:0">${picture}<figcaption>${label[i]} as ${named}</figcaption></figure>`);
  }
  return {
    title: "Named wrong",
    caption: `${figures.length} of ${length} test digits: what they are, and what the network takes them for.`,
    html: `<div style="display:flex;flex-wrap:wrap;gap:12px">${figures.join("")}</div>`,
  };
}
