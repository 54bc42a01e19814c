import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode } from "../../src/shared/error-codes.ts";
import { formatSite } from "../../src/shared/errors.ts";
import { errorOf } from "../program/lines.ts";
import { ELSEWHERE, MISUSES } from "./misuses.ts";

const FILE = "tests/errors/misuses.ts";
const lines = readFileSync(new URL("./misuses.ts", import.meta.url), "utf8").split("\n");

/** The code at the user's place, instead of a line number that moves: from the column to the end of the line. */
function codeAt(line: number, column: number): string {
  return lines[line - 1].slice(column - 1).trimEnd();
}

describe("misuses", () => {
  const messages: string[] = [];

  it.each(MISUSES)("$name: $code", ({ name, code, run }) => {
    const error = errorOf(run);
    expect(error.code).toBe(code);
    let text = error.message;
    for (const site of error.details.sites ?? []) {
      expect(site.file).toBe(FILE);
      text = text.replace(formatSite(site), `misuses.ts  ${codeAt(site.line, site.column)}`);
    }
    messages.push(`## ${name}\n\n\`\`\`\n${text}\n\`\`\`\n`);
  });

  it("have exactly the messages of messages.md", async () => {
    const text = `# Messages of the misuses\n\n${messages.join("\n")}`;
    await expect(text).toMatchFileSnapshot("./messages.md");
  });

  it("cover every code, here or elsewhere", () => {
    const covered = new Set<string>([...MISUSES.map(m => m.code), ...Object.keys(ELSEWHERE)]);
    const open = (Object.keys(ERROR_CODES) as ErrorCode[]).filter(code => !covered.has(code));
    expect(open).toEqual([]);
    expect(MISUSES.filter(m => ELSEWHERE[m.code])).toEqual([]);
  });
});
