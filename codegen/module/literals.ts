/** JSON as JavaScript: the two line separators are allowed since ES2019, `__proto__` keys do not occur. */
export const scriptLiteral = (value: unknown): string => JSON.stringify(value).replaceAll("</", "<\\/");

/** Bytes without structure (weights); code is smaller as text, see code-text.ts. */
export function base64Literal(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return `"${btoa(binary)}"`;
}

/** Reads what base64Literal wrote. */
export const DECODE_BASE64 = "const base64=t=>Uint8Array.from(atob(t),c=>c.charCodeAt(0));";
