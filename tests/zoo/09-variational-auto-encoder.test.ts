import { checkRow } from "./check-row.ts";

checkRow("09-variational-auto-encoder.ts");
