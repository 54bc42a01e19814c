import { checkRow } from "./check-row.ts";

checkRow("30-input-layer.ts");
