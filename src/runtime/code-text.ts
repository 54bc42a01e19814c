/**
 * Bytes written as printable ASCII, so that compression of the text finds what repeats in the bytes (base64 hides it):
 * byte b is the character `%` + b mod 86, after a space where b is in the second 86, after `!` in the third.
 */
export function decodeText(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let page = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 37;
    if (digit < 0) page = (digit + 6) * 86;
    else {
      bytes.push(page + digit);
      page = 0;
    }
  }
  return Uint8Array.from(bytes);
}
