import { checkRow } from "./check-row.ts";

checkRow("07-gru.ts");
