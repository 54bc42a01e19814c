import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium, inChromium, launch } from "./chromium.ts";
import { type Answer, lessonHere } from "./lesson.ts";
import { serve } from "./serve.ts";
import { LESSONS, pageOf, REFUSALS, site } from "./site.ts";

describe.skipIf(!hasChromium)(inChromium("in pages under a strict Content-Security-Policy"), () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let expected: Answer;

  beforeAll(async () => {
    server = await serve(await site());
    browser = await launch();
    expected = await lessonHere({ target: "js", mode: "reproducible" });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function answerOf(name: string): Promise<unknown> {
    const page = await browser.newPage();
    try {
      await page.goto(server.origin + pageOf(name));
      return await page.evaluate("done");
    } finally {
      await page.close();
    }
  }

  test.each(Object.keys(LESSONS))("%s: trains to the same bits as here", async name => {
    expect(await answerOf(name)).toEqual(expected);
  });

  test.each([
    ["wasm where none may be made", ["CompileError", expect.stringContaining("Content Security Policy")]],
    ["loadSync with the code beside", ["Error", expect.stringMatching(/^loadSync needs \{ wasm \} here/)]],
    ["library to wasm", ["host", expect.stringContaining("Content Security Policy")]],
    ["library to js", ["host", expect.stringContaining("Content Security Policy")]],
  ])("%s: is refused with its reason", async (name, reason) => {
    expect(Object.keys(REFUSALS)).toContain(name);
    expect(await answerOf(name)).toEqual(reason);
  });
});
