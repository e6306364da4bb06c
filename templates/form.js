// The answer page: it says whether a number can be read and in how many digits, keeps a draft in
// the browser, and saves a file to hand in. It knows the boxes and how many digits are asked, and
// nothing of the solution; nothing leaves it but what is saved or copied.
"use strict";

// ---- Words, in English or in the language whose sentences come with the sheet
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

// ---- One number, by the grammar of the grader (rnnquiz/typed/spelling.py), over characters that
// keyboards have and calculators copy; what has others in it is said to be uncertain.
const MEANINGS = [
  ["-", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"], ["/", "÷⁄∕"], ["×", "✕✖"],
  ["·", "⋅∙•"], ["≈", "~"], ["'", "’‘′´"], [" ", "\u00a0\u2009\u202f"],
  ["", "\u200b\u200e\u200f\u2060\ufeff"],
];
const MEANING = new Map(MEANINGS.flatMap(([sign, all]) => [...all].map((one) => [one, sign])));
const RAISED = "0123456789-+", ABOVE = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺";
const KNOWN = /^[ -[\]-}×·≈⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]*$/; // of ASCII all but the backslash, which begins LaTeX
const NOTHING = ["", "-", "--", "---", "?", "n/a", "na", "none", "null", "≈"];
const WRAPPED = // a sign within brackets leaves no doubt
  /^(?:\$\$(.+)\$\$|\$(.+)\$|"(.+)"|`(.+)`|'(.+)'|'(.+)|[=≈]{1,2}(.+)|\( ?([+-][^()]+)\))$/;
const INTEGER = String.raw`([+-]? ?\d+)`;
const TEN_TO = String.raw`10 ?(?:\^|\*\*) ?(?:${INTEGER}|\( ?${INTEGER} ?\)|\{ ?${INTEGER} ?\})`;
const POWERS = [
  String.raw`(.*?\d[.,]?) ?[×*xX·] ?${TEN_TO}`, // 4.8×10^-3
  String.raw`([+-]?) ?${TEN_TO}`, // 10^-3
  String.raw`(.*?\d[.,]?) ?[×*xX·] ?10 ?([+-]\d+)`, // 4.8x10-3
  String.raw`(.*?\d[.,]?) ?(?:EE|ee|[eE]|\*\^) ?${INTEGER}`, // 4.8E-3, 4.8*^-3
  String.raw`([+-]? ?(?![1-9]\d{0,2},\d{3}\.)\d+,\d+)\.${TEN_TO}`, // 4,8.10^-3
].map((pattern) => new RegExp(`^${pattern}$`));
const PLAIN = /^(?=.?\d)(\d*)(?:([.,])(\d*))?$/; // 604, 0.604, .5
const SPACED = /^[1-9]\d{0,2}(?: \d{3})+(?![\d ])/; // 1 234
const GROUPED = /^([1-9]\d{0,2}(?:([.,'])\d{3})(?:\2\d{3})*)(?:(?!\2)([.,])(\d*))?$/; // 1,234.5
const [SMALLEST, LARGEST, MOST_WHOLE, LONGEST, LONGEST_TEXT] = [-99, 30, 31, 120, 1000];

const BLANK = { kind: "blank" }, UNSURE = { kind: "unsure" };
const NONE = { kind: "none", why: say_("no number: write it like 0.604 or -4.8e-3") };
const PERCENT = { kind: "none", why: say_("a percentage: write 0.05 for 5 %") };
const WAYS = say_("can be read in two ways: write one decimal mark, nothing between thousands");
const OPEN = { kind: "none", why: WAYS };

// What one text says by itself: blank, a number (with its decimals and significant figures), none,
// or unsure. `shows`: how it uses marks beyond doubt. `doubt`: instead, the two readings of 1,084.
function readText(text) {
  let signs = [...text].map((one) => MEANING.get(one) ?? one).join("").trim().replace(/ +/g, " ");
  if (!KNOWN.test(signs)) return UNSURE;
  if (signs.length > LONGEST || text.length > LONGEST_TEXT) return NONE;
  if (NOTHING.includes(signs.toLowerCase())) return BLANK;
  signs = unwrapped(signs);
  const quotient = /^([+-]?) ?(\d{1,15}) ?\/ ?(\d{1,15})$/.exec(signs);
  if (quotient) return Number(quotient[3]) ? { kind: "number", exact: true } : NONE;
  const [mantissa, exponent] = power(signs);
  if (exponent < SMALLEST || exponent > LARGEST) return NONE;
  return readMantissa(mantissa, exponent) ?? (signs.endsWith("%") ? PERCENT : NONE);
}

// Without a full stop after it, quotes, dollars, a spreadsheet's text mark, an equal sign before.
function unwrapped(text) {
  let inner = text.replace(/([\d$)}⁰¹²³⁴⁵⁶⁷⁸⁹]) ?\.$/, "$1").replace(/\{([,.-])\}/g, "$1").trim();
  for (let turn = 0, found; turn < 4 && (found = WRAPPED.exec(inner)); turn++)
    inner = found.slice(1).find((one) => one !== undefined).trim();
  return inner.replace(/(?<=10) ?([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/, // 4.8×10⁻³
    (_, above) => "^" + [...above].map((one) => RAISED[ABOVE.indexOf(one)]).join(""));
}

// What stands before a power of ten, and its exponent.
function power(text) {
  const found = POWERS.map((pattern) => pattern.exec(text)).find((one) => one !== null);
  if (!found) return [text, 0];
  const exponent = found.slice(2).find((digits) => digits !== undefined).replaceAll(" ", "");
  return [["", "+", "-"].includes(found[1]) ? found[1] + "1" : found[1], Number(exponent)];
}

// A number by the marks between its digits; null where they make none.
function readMantissa(text, exponent) {
  const unsigned = text.replace(/^[+-] ?/, "");
  const body = unsigned.replace(SPACED, (spaced) => spaced.replaceAll(" ", ""));
  const [, whole, between, mark, part] = GROUPED.exec(body) ?? [];
  if (!whole) {
    const [all, digits, point, rest] = PLAIN.exec(body) ?? [];
    return all ? counted(digits, rest, exponent, point ? ["decimal " + point] : []) : null;
  }
  const groups = whole.split(between);
  const thousands = counted(whole, part, exponent, ["thousands " + between, "decimal " + mark]);
  if (mark && (between !== "." || groups.length > 2)) return thousands;
  if (between === "'" || thousands.kind === "none") return null;
  const decimal = mark || groups.length > 2 ? null : counted(...groups, exponent);
  return { doubt: { mark: between, decimal, thousands } };
}

// A number with so many decimals and figures.
function counted(whole, part = "", exponent = 0, shows = []) {
  const digits = whole.replace(/\D/g, "");
  if (digits.replace(/^0+/, "").length > MOST_WHOLE) return { ...NONE, shows };
  const figures = (digits + part).replace(/^0+/, "").length || 1;
  return { kind: "number", decimals: part.length - exponent, figures, shows };
}

// ---- The numbers of a sheet
// Each number with the others around it; `decimals`: how many are asked, if decimals are counted.
function readSheet(texts, decimals) {
  const found = texts.map(readText);
  const shown = new Set(found.flatMap((one) => one.shows ?? []));
  const sure = found.every((one) => one.kind !== "unsure");
  const settle = (doubt) => (sure ? settled(doubt, shown, decimals) : UNSURE);
  return found.map((one) => (one.doubt ? settle(one.doubt) : one));
}

// Settled by what the others show; where they show nothing, a point is a decimal point.
function settled({ mark, decimal, thousands }, shown, decimals) {
  const other = mark === "." ? "," : ".";
  const asDecimal = shown.has("decimal " + mark), asThousands = shown.has("thousands " + mark);
  if (!decimal) {
    const shows = asThousands || shown.has("decimal " + other);
    return shows && !asDecimal && !shown.has("thousands " + other) ? thousands : OPEN;
  }
  if (asDecimal !== asThousands) return asThousands ? thousands : decimal;
  const silent = !asDecimal && !shown.has("decimal " + other);
  return silent && (mark === "." || decimals === 3) ? decimal : OPEN;
}

// ---- The page
const part = (id) => document.getElementById(id);
const say = (text) => { part("said").textContent = text; };
const fields = [...document.querySelectorAll("input[data-box]")];
const sheet = part("saving").dataset; // whose it is
let unsaved = false;

// How a box is rounded: ["decimals", "3"], ["significant", "4"] or ["whole", "3"].
const ruleOf = (field) => field.dataset.rule.split(" ");

// Each problem is read by itself, as the grader does: the boxes 2/h[1] and 2/h[2] are of one.
function readPage() {
  const problemOf = ({ dataset: { box } }) => /^\d+\/|/.exec(box)[0];
  return [...new Set(fields.map(problemOf))].flatMap((problem) => {
    const own = fields.filter((field) => problemOf(field) === problem);
    const [, decimals] = own.map(ruleOf).find(([count]) => count === "decimals") ?? [];
    return readSheet(own.map((one) => one.value), Number(decimals));
  });
}

function check() {
  const reads = readPage();
  fields.forEach((field, k) => {
    const [tone, text] = words(reads[k], ruleOf(field));
    const says = part(field.id + "-says");
    if (says.textContent !== text) says.textContent = text;
    says.className = "says " + tone;
    field.setAttribute("aria-invalid", String(tone === "bad"));
    field.setAttribute("value", field.value); // so a page that the browser saves has the numbers
  });
  const [left, bad] = ["blank", "none"].map((kind) => reads.filter((r) => r.kind === kind).length);
  const count = left ? say_("{left} of {all} boxes left", { left, all: fields.length })
    : say_("All boxes are filled in");
  part("left").textContent = bad ? say_("{count}, {bad} cannot be read", { count, bad }) : count;
  part("text").value = submission();
}

function changed() {
  unsaved = true;
  check();
  keep();
}

// When a box is left: why its number cannot be read.
function sayBox({ target }) {
  const bad = target.getAttribute("aria-invalid") === "true";
  say(bad ? `${target.dataset.box} ${part(target.id + "-says").textContent}` : "");
}

function toNext(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  (fields[fields.indexOf(event.target) + 1] ?? part("save")).focus();
}

// ---- The draft: one for each sheet
const KEY = "rnnquiz " + sheet.token;
let kept = true;

function keep() {
  const filled = fields.filter((one) => one.value).map((one) => [one.dataset.box, one.value]);
  const time = new Date().toTimeString().slice(0, 5);
  let says = filled.length ? say_("A draft is kept in this browser ({time}).", { time }) : "";
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(filled)));
    kept = true;
  } catch { // a private window, or a store that is full or forbidden
    says = say_("No draft can be kept here: save before you close.");
    kept = false;
  }
  part("draft").textContent = says;
}

function restore(elsewhere = false) {
  let draft = {};
  try { draft = JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { /* keep says so */ }
  const found = Object.keys(draft).length > 0;
  for (const one of found || elsewhere ? fields : []) one.value = draft[one.dataset.box] ?? "";
  check();
  keep();
  return found;
}

function again() {
  if (!confirm(say_("Empty all boxes, and forget the draft?"))) return;
  for (const field of fields) field.value = "";
  changed();
  say(say_("All boxes are empty."));
}

// ---- Saving, copying, pasting
// The template that is handed in, filled in.
function submission() {
  const line = (text) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "");
  const quoted = (text) => JSON.stringify(line(text).replace(/[\p{Cs}\p{Cn}]/gu, "\ufffd"));
  const rows = fields.map((one) => `  ${one.dataset.box}:${one.value && " " + quoted(one.value)}`);
  const whose = [`student: ${quoted(sheet.student)}`, `token: ${sheet.token}`];
  return [`# ${line(sheet.shown)}`, ...whose, "answers:", ...rows, ""].join("\n");
}

function save() {
  const here = new Date().toLocaleString("sv"); // Swedish: 2026-03-31 09:05:00
  const time = here.replace(" ", "-").replaceAll(":", "");
  const link = document.createElement("a");
  link.download = `answers-${sheet.stem}-${time}.yaml`; // of several, the last one counts
  link.href = URL.createObjectURL(new Blob([submission()], { type: "application/yaml" }));
  link.click();
  unsaved = false;
  say(say_("Saved as {file}: hand in this file.", { file: link.download }));
}

function copy() {
  part("copied").open = true;
  part("text").select();
  const done = document.execCommand("copy"); // also where a file is granted no clipboard
  say(done ? say_("Copied: paste it where answers are typed in.")
    : say_("Copy the marked text below."));
}

// A column or a table of numbers fills this box and those after it.
function paste(event) {
  const text = event.clipboardData.getData("text").replace(/[\r\n]+$/, "");
  const cells = text.split(/\r\n?|[\n\t]/), first = fields.indexOf(event.target);
  if (cells.length < 2) return;
  event.preventDefault();
  const into = fields.slice(first, first + cells.length), rest = cells.length - into.length;
  const over = into.filter((one) => one.value).length;
  const sure = say_("{over} of these boxes are filled in. Write over them?", { over });
  if (over && !confirm(sure)) return;
  into.forEach((field, k) => { field.value = cells[k].trim(); });
  changed();
  const [from, to] = [into[0], into.at(-1)].map((one) => one.dataset.box);
  const filled = say_("{n} boxes filled in, from {from} to {to}.", { n: into.length, from, to });
  say(filled + (rest ? " " + say_("{rest} more numbers found no box.", { rest }) : ""));
}

// Keys beside the box on phones, whose keypads for numbers have no minus and no power of ten.
function press(event) {
  event.preventDefault(); // the box stays the one that is typed into
  const field = part("keys").previousElementSibling;
  const [, before = "", sign, rest] = /^(.*e)?([-\u2212+]?)(.*)$/i.exec(field.value);
  if (event.target.id === "minus") field.value = before + (sign && sign !== "+" ? "" : "-") + rest;
  else if (!before) field.value += "e-";
  changed();
}

for (const row of document.querySelectorAll("[data-script]")) row.hidden = false;
for (const field of fields) {
  const handlers = { oninput: changed, onchange: sayBox, onkeydown: toNext, onpaste: paste };
  Object.assign(field, handlers, { onfocus: () => field.after(part("keys")) });
}
part("keys").onpointerdown = press;
for (const [id, onclick] of Object.entries({ save, copy, again })) part(id).onclick = onclick;
window.onstorage = ({ key }) => key === KEY && restore(true); // another window
window.onbeforeunload = () => (unsaved && !kept ? say_("not saved") : null);
if (restore()) say(say_("Your draft is back."));
