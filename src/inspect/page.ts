import { escapeXml } from "./svg.ts";

const STYLE = `
:root{color-scheme:light dark;--bg:#f8fafc;--card:#fff;--text:#0f172a;--dim:#475569;--line:#e2e8f0;--accent:#2563eb;--bad:#dc2626;--good:#15803d}
@media (prefers-color-scheme:dark){:root{--bg:#0b1220;--card:#131c2e;--text:#e2e8f0;--dim:#94a3b8;--line:#26334a;--accent:#60a5fa;--bad:#f87171;--good:#4ade80}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:1100px;margin:0 auto;padding:24px 20px 60px}h1{font-size:26px;margin:8px 0}h2{font-size:19px;margin:34px 0 10px}
p{margin:6px 0 12px;color:var(--dim);max-width:75ch}.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px}
.scroll{overflow:auto;max-height:82vh}table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:5px 10px;border-bottom:1px solid var(--line)}th{color:var(--dim);font-weight:600}
td:last-child{white-space:nowrap}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}code,pre{font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{overflow:auto;margin:0}.facts{display:flex;flex-wrap:wrap;gap:10px;margin:16px 0}.fact{padding:10px 16px;min-width:130px}
.fact b{display:block;font-size:20px}.fact span{color:var(--dim);font-size:13px}
details summary{cursor:pointer;padding:4px 0}
`;

/** A page on its own: no scripts, no network. `body` is HTML. */
export const page = (title: string, body: string, style = ""): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeXml(title)}</title><style>${STYLE}${style}</style></head>
<body><main>
${body}
</main></body></html>
`;

export interface Column {
  readonly title: string;
  readonly number?: boolean;
}

/** A table; cells are HTML. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const kind = (i: number): string => (columns[i].number ? ' class="n"' : "");
  const head = columns.map((c, i) => `<th${kind(i)}>${escapeXml(c.title)}</th>`).join("");
  const body = rows.map(r => `<tr>${r.map((cell, i) => `<td${kind(i)}>${cell}</td>`).join("")}</tr>`).join("\n");
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

export const code = (text: string): string => `<code>${escapeXml(text)}</code>`;
