import { checkRow } from "./check-row.ts";

checkRow("29-output-units.ts");
