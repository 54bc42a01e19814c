import { checkRow } from "./check-row.ts";

checkRow("11-sparse-auto-encoder.ts");
