// The words of the answer page, in English or in the language whose sentences come with the sheet;
// form.js follows it.
"use strict";

// `forms`: which form of a sentence that counts is for 0 to 199; it goes on by hundreds.
const { forms = "", sentences = {} } = JSON.parse(globalThis.saving?.dataset.words ?? "{}");
const put = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const say_ = (text, values = {}) => put(sentences[text] ?? text, values);
const count_ = (one, many, n) =>
  put(sentences[one]?.[forms[n < 200 ? n : 100 + n % 100]] ?? (n === 1 ? one : many), { n });

// What is said of a number: whether it can be read, and in how many of the digits asked.
function words(read, [count, digits]) {
  if (read.kind === "blank") return ["", ""];
  if (read.kind === "none") return ["bad", read.why];
  if (read.kind === "unsure") return ["few", say_("perhaps not readable: write it like 0.604")];
  if (read.exact) return ["fine", say_("a fraction")];
  if (count === "whole") return ["fine", say_("a number")];
  const have = count === "decimals" ? Math.max(read.decimals, 0) : read.figures;
  const shown = count === "decimals"
    ? count_("{n} decimal", "{n} decimals", have) : count_("{n} figure", "{n} figures", have);
  if (have === Number(digits)) return ["fine", shown];
  return [have < digits ? "few" : "fine", say_("{shown}, {digits} asked", { shown, digits })];
}

