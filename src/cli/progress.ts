import { SingleBar } from "cli-progress";

export interface Progress {
  update(done: number, text: string): void;
  stop(): void;
}

export interface ProgressOptions {
  /** How far it is, in the words of cli-progress. Default: `{value}/{total}`. */
  readonly value?: string;
  /** The bar goes away when it stops. */
  readonly clear?: boolean;
}

/** A bar on the terminal; nothing where standard error is no terminal. */
export function progress(title: string, total: number, options: ProgressOptions = {}): Progress {
  const { value = "{value}/{total}", clear = false } = options;
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: `${title} {bar} ${value}  {text}`,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: clear,
    stream: process.stderr,
  });
  bar.start(total, 0, { text: "" });
  return { update: (done, text) => bar.update(done, { text }), stop: () => bar.stop() };
}
