import { checkRow } from "./check-row.ts";

checkRow("10-denoising-auto-encoder.ts");
