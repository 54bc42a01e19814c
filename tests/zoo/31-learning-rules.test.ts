import { checkRow } from "./check-row.ts";

checkRow("31-learning-rules.ts");
