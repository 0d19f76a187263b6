import { area } from "./words";

export const useDiffWords = area({ added: "added", taken: "removed", same: "lines that are the same" }, { added: "a mais", taken: "a menos", same: "linhas iguais" });
