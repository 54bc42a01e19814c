/** Pictures (HTML), one of each value, side by side as far as there is room, with its name below. */
export const captioned = <T>(values: Readonly<Record<string, T>>, draw: (value: T) => string): string =>
  `<div style="display:flex;flex-wrap:wrap;gap:16px">${Object.entries(values)
    .map(([name, value]) => `<figure style="margin:0">${draw(value)}<figcaption>${name}</figcaption></figure>`)
    .join("")}</div>`;
