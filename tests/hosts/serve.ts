import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

export interface Served {
  readonly body: string | Uint8Array;
  readonly policy?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".html": "text/html",
  "": "text/html",
};

/** Serves files by path on the loopback interface. */
export async function serve(
  files: ReadonlyMap<string, Served>,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = files.get(pathname);
    response.writeHead(file ? 200 : 404, {
      "content-type": TYPES[extname(pathname)] ?? "application/octet-stream",
      ...(file?.policy ? { "content-security-policy": file.policy } : {}),
      ...file?.headers,
    });
    response.end(file?.body);
  });
  await new Promise<void>(listening => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(closed => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
