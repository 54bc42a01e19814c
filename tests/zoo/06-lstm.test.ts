import { checkRow } from "./check-row.ts";

checkRow("06-lstm.ts");
