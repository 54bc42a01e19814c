/** What decodeText of src/runtime/code-text.ts reads, as a string literal in double quotes. */
export function textLiteral(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += CHARACTERS[byte];
  // No closing tag and no comment begins in a script of a page.
  return `"${text.replace(/<(?=[/!])/g, "<\\")}"`;
}

const PAGES = ["", " ", "!"];

/** Never a quote. A backslash (bytes 55, 141 and 227) is written as two. */
const CHARACTERS = Array.from({ length: 256 }, (_, byte) => {
  const digit = String.fromCharCode(37 + (byte % 86));
  return PAGES[Math.floor(byte / 86)] + (digit === "\\" ? "\\\\" : digit);
});
