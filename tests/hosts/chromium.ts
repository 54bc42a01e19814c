import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const hasChromium = existsSync(EXECUTABLE);

/** The name of a suite, with the reason where it is skipped. */
export const inChromium = (suite: string): string =>
  hasChromium ? suite : `${suite} (skipped: no Chromium at ${EXECUTABLE}; apt install chromium, or CHROMIUM=<path>)`;

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
