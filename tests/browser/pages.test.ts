import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import digits from "../../examples/digits.ts";
import { compileSync } from "../../src/compile.ts";
import { present } from "../../src/shared/errors.ts";
import { LESSON, LESSONS, REFUSALS, site } from "./site.ts";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  "": "text/html",
  ".html": "text/html",
};

const found = existsSync(CHROMIUM);
const suite = "in pages under a strict Content-Security-Policy";

describe.skipIf(!found)(found ? suite : `${suite} (skipped: no Chromium at ${CHROMIUM}; CHROMIUM=<path>)`, () => {
  const names = [...Object.keys(LESSONS), ...Object.keys(REFUSALS)];
  const answers = new Map<string, unknown>();
  let profile = "";
  let server: Server | undefined;
  let browser: ChildProcess | undefined;

  // One browser for all cases; each is a frame that posts what it found.
  beforeAll(async () => {
    const files = await site();
    profile = mkdtempSync(join(tmpdir(), "gradc-chromium-"));
    await new Promise<void>((done, failed) => {
      server = createServer(async (request, response) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        if (url.pathname === "/answer") {
          let text = "";
          for await (const piece of request) text += piece;
          answers.set(decodeURIComponent(url.search.slice(1)), JSON.parse(text));
          response.end();
          if (answers.size === names.length) done();
          return;
        }
        const file = files.get(url.pathname);
        response.writeHead(file ? 200 : 404, {
          "content-type": TYPES[extname(url.pathname)] ?? "text/plain",
          ...(file?.policy ? { "content-security-policy": file.policy } : {}),
        });
        response.end(file?.body);
      }).listen(0, "127.0.0.1", () => {
        const { port } = present(server).address() as AddressInfo;
        const flags = [...FLAGS.split(" "), "--remote-debugging-port=0", `--user-data-dir=${profile}`];
        browser = spawn(CHROMIUM, [...flags, `http://127.0.0.1:${port}/`], { stdio: "ignore" });
        browser.on("error", failed);
        // What has not answered by then fails in its own test.
        setTimeout(done, 40_000);
      });
    });
  }, 60_000);

  afterAll(async () => {
    const ended = browser && new Promise(resolve => browser?.once("exit", resolve));
    browser?.kill();
    await ended;
    server?.closeAllConnections();
    server?.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  test.each(Object.keys(LESSONS))("%s: trains to the same bits as here", async name => {
    const { lesson, seed } = await import(`data:text/javascript,${encodeURIComponent(LESSON)}`);
    const expected = lesson(compileSync(digits, { target: "js", mode: "reproducible", seed }));
    expect(expected.losses[2]).toBeLessThan(expected.losses[0]);
    expect(answers.get(name)).toEqual(expected);
  });

  test("what a policy forbids is refused with its reason", () => {
    const refused = Object.fromEntries(Object.keys(REFUSALS).map(name => [name, answers.get(name)]));
    expect(refused).toEqual({
      "wasm where none may be made": ["CompileError", expect.stringContaining("Content Security Policy")],
      "loadSync with the code beside": ["Error", expect.stringMatching(/^loadSync needs \{ wasm \} here/)],
      "library to wasm": ["host", expect.stringContaining("Content Security Policy")],
      "library to js": ["host", expect.stringContaining("Content Security Policy")],
    });
  });
});
