import type { Site } from "../shared/errors.ts";

/** A captured stack; the user's place in it is found only when somebody asks. */
export class CallSite {
  /** Defined by the capture itself: a field of its own would make that slow. */
  declare private stack?: string;
  private known?: Site;

  /** The first frame outside gradc. */
  site(): Site | undefined {
    if (this.stack !== undefined) {
      this.known = parseStack(this.stack);
      this.stack = undefined;
    }
    return this.known;
  }

  /** Captures the stack now: about a third of a microsecond for each frame down to `depth` or the bottom. */
  static capture(depth = DEPTH): CallSite {
    const host = Error as unknown as StackHost;
    const captured = new CallSite();
    const limit = host.stackTraceLimit;
    host.stackTraceLimit = depth;
    if (host.captureStackTrace) host.captureStackTrace(captured, CallSite.capture);
    else captured.stack = new Error().stack;
    host.stackTraceLimit = limit;
    return captured;
  }
}

/** The library that calls the commands of gradc: it is nobody's place. */
const COMMAND_LINE = /\/node_modules\/commander\//;

/** The folder that gradc's own code lies in: frames below it are not the user's. */
const OWN_CODE = ownFolder();
/** What a user calls captures once (oneCall), so that the user's frame is near. */
const DEPTH = 8;
/** Errors may come from deep inside a pass; they are rare. */
export const ERROR_DEPTH = 200;

function ownFolder(): string {
  // src/graph/call-site.ts in the sources, dist/<chunk>.js when built.
  const here = import.meta.url;
  return here.includes("/src/graph/")
    ? here.slice(0, here.lastIndexOf("graph/"))
    : here.slice(0, here.lastIndexOf("/") + 1);
}

interface StackHost {
  stackTraceLimit?: number;
  captureStackTrace?(target: object, below: (depth?: number) => CallSite): void;
}

/** The first frame of a stack text that is not gradc's own. Understands V8, Firefox and Safari. */
export function parseStack(stack: string, ownCode: string = OWN_CODE): Site | undefined {
  for (const line of stack.split("\n")) {
    const match = /(?:\(|@|at )((?:[a-z-]+:)?[^()@\s][^()]*?):(\d+):(\d+)\)?$/.exec(line.trim());
    if (!match) continue;
    const [, url, row, column] = match;
    const file = url.replace(/^async /, "");
    if (isOwn(file, ownCode) || file.startsWith("node:") || COMMAND_LINE.test(file)) continue;
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
  return CallSite.capture(ERROR_DEPTH).site();
}
