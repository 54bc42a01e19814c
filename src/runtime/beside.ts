interface FileSystem {
  readFileSync(url: URL): Uint8Array<ArrayBuffer>;
}

interface Host {
  readonly process?: { getBuiltinModule?(name: "node:fs"): FileSystem | undefined };
}

/**
 * Reads a file beside the module, at once or later. Through the host's file system where the file is in one, since fetch
 * reads no file: URLs; asked for without an import, so that bundlers for pages meet none.
 */
export function beside(url: URL): { now(): Uint8Array<ArrayBuffer>; later(): Promise<Uint8Array<ArrayBuffer>> } {
  const files = (): FileSystem | undefined =>
    url.protocol === "file:" ? (globalThis as Host).process?.getBuiltinModule?.("node:fs") : undefined;
  const now = (): Uint8Array<ArrayBuffer> => {
    const found = files();
    if (found) return found.readFileSync(url);
    throw new Error(`loadSync needs { wasm } here; load fetches ${url}`);
  };
  const later = async (): Promise<Uint8Array<ArrayBuffer>> => {
    if (files()) return now();
    const response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new Error(`${url}: ${response.status}`);
  };
  return { now, later };
}
