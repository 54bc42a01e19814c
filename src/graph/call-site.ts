import type { Site } from "../shared/errors.ts";

/** A site that is read from a captured stack only when somebody asks. */
export type LazySite = () => Site | undefined;

/** The folder that gradc's own code lies in: frames below it are not the user's. */
const OWN_CODE = ownFolder();
const DEPTH = 16;
/** Errors may come from deep inside a pass; they are rare. */
const ERROR_DEPTH = 200;

function ownFolder(): string {
  // src/graph/call-site.ts in the sources, dist/<chunk>.js when built.
  const here = import.meta.url;
  return here.includes("/src/graph/")
    ? here.slice(0, here.lastIndexOf("graph/"))
    : here.slice(0, here.lastIndexOf("/") + 1);
}

interface StackHost {
  stackTraceLimit?: number;
  captureStackTrace?(target: object): void;
}

/** Captures the stack now; finds the first frame outside gradc when asked. */
export function captureSite(depth = DEPTH): LazySite {
  const host = Error as unknown as StackHost;
  const holder: { stack?: string } = {};
  const limit = host.stackTraceLimit;
  host.stackTraceLimit = depth;
  if (host.captureStackTrace) host.captureStackTrace(holder);
  else holder.stack = new Error().stack;
  host.stackTraceLimit = limit;
  let site: Site | undefined;
  let parsed = false;
  return () => {
    if (!parsed) {
      parsed = true;
      site = parseStack(holder.stack ?? "");
      holder.stack = undefined;
    }
    return site;
  };
}

/** The first frame of a stack text that is not gradc's own. Understands V8, Firefox and Safari. */
export function parseStack(stack: string, ownCode: string = OWN_CODE): Site | undefined {
  for (const line of stack.split("\n")) {
    const match = /(?:\(|@|at )((?:[a-z-]+:)?[^()@\s][^()]*?):(\d+):(\d+)\)?$/.exec(line.trim());
    if (!match) continue;
    const [, url, row, column] = match;
    const file = url.replace(/^async /, "");
    if (isOwn(file, ownCode) || file.startsWith("node:")) continue;
    return { file: displayPath(file), line: Number(row), column: Number(column) };
  }
  return undefined;
}

const stripScheme = (url: string): string => url.replace(/^file:\/\//, "").replace(/\?.*$/, "");

const isOwn = (file: string, ownCode: string): boolean => stripScheme(file).startsWith(stripScheme(ownCode));

/** Paths are shown relative to the working directory, where there is one. */
function displayPath(file: string): string {
  const path = stripScheme(file);
  const cwd = typeof process === "object" && typeof process.cwd === "function" ? `${process.cwd()}/` : "";
  return cwd !== "" && path.startsWith(cwd) ? path.slice(cwd.length) : path;
}

/** Where the user's code is now: for errors. */
export function currentSite(): Site | undefined {
  return captureSite(ERROR_DEPTH)();
}
