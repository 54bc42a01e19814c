import { SingleBar } from "cli-progress";

export interface Progress {
  update(done: number, text: string): void;
  stop(): void;
}

/** A bar on the terminal; nothing where standard error is no terminal. */
export function progress(title: string, total: number): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: `${title} {bar} {value}/{total}  {text}`,
    barsize: 24,
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(total, 0, { text: "" });
  return { update: (done, text) => bar.update(done, { text }), stop: () => bar.stop() };
}
