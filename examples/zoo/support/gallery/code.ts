import { escapeXml } from "../../../../src/inspect/svg.ts";

const WORDS =
  "as|async|await|break|case|class|const|continue|default|else|export|extends|false|for|from|function|if|import|in|" +
  "interface|let|new|null|of|readonly|return|satisfies|switch|this|throw|true|type|typeof|undefined|while|yield";

/** What is coloured in TypeScript, by group: comments, texts, words of the language, numbers, calls. */
const TOKENS = new RegExp(
  [
    String.raw`(?<comment>\/\/.*|\/\*[^]*?\*\/)`,
    String.raw`(?<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|${"`"}(?:\\[^]|[^${"`"}\\])*${"`"})`,
    String.raw`(?<![\w$.])(?<word>${WORDS})(?![\w$])`,
    String.raw`(?<![\w$.])(?<number>\d[\w.]*)`,
    String.raw`(?<call>[\p{L}_$][\p{L}\p{N}_$]*)(?=\()`,
  ].join("|"),
  "gu",
);

/** TypeScript as HTML with light colours. */
export function highlighted(source: string): string {
  let html = "";
  let from = 0;
  for (const match of source.matchAll(TOKENS)) {
    const [kind, text] = Object.entries(match.groups ?? {}).find(([, t]) => t !== undefined) ?? ["", ""];
    html += `${escapeXml(source.slice(from, match.index))}<i class="${kind}">${escapeXml(text)}</i>`;
    from = match.index + text.length;
  }
  return `<pre class="code">${html}${escapeXml(source.slice(from))}</pre>`;
}
