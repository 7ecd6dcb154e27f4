// The report page in a real browser: node report_page.mjs REPORT.html [SCREENSHOTS]
//
// Opens the page from disk at two widths and in both colour schemes and uses it as a
// person would. Then it puts its own data into the same page: hostile text, thousands
// of findings, an empty report. One line per check; exit 1 if one fails. Exit 77
// (skipped) where playwright-core or chromium is missing: AVQA_NODE_MODULES names the
// folder that holds playwright-core. It downloads nothing.

import { createRequire } from "node:module";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const HOSTILE = `<img src=x onerror="window.ran=1"></script><script>window.ran=1</script>"'&amp;\u202e`;
const HOSTILE_SHOWN = HOSTILE.replace("\u202e", "‹U+202E›"); // what turns text around is written out

function skip(why) {
    console.log("skipped: " + why);
    process.exit(77);
}

function playwright() {
    const folder = process.env.AVQA_NODE_MODULES;
    for (const base of [folder && join(resolve(folder), "x.js"), folder && join(resolve(folder), "node_modules", "x.js"), import.meta.url]) {
        if (!base) continue;
        for (const name of ["playwright-core", folder && join(resolve(folder), "playwright-core")]) {
            try {
                if (name) return createRequire(base)(name);
            } catch (fault) {
                if (fault.code !== "MODULE_NOT_FOUND") throw fault;
            }
        }
    }
    return skip("playwright-core is not installed");
}

const [path, shots] = process.argv.slice(2);
if (!path) {
    console.error("usage: node report_page.mjs REPORT.html [SCREENSHOTS]");
    process.exit(2);
}
const { chromium } = playwright();
if (!existsSync(CHROMIUM)) skip(CHROMIUM + " is not there");

let failures = 0;
function check(name, good, detail) {
    console.log((good ? "ok    " : "FAIL  ") + name + (good || detail === undefined ? "" : ": " + JSON.stringify(detail)));
    if (!good) failures++;
}

// ---- The page as a file: its blocks, and variants of it with other data.

const html = readFileSync(path, "utf8");
const BLOCK = name => new RegExp(`(<script type="application/json" id="avqa-${name}">)([\\s\\S]*?)(</script>)`);
function block(name, fallback) {
    try {
        return JSON.parse(html.match(BLOCK(name))[2]);
    } catch (fault) {
        check(`avqa-${name} is JSON`, false, fault.message);
        return fallback;
    }
}
const safe = data => JSON.stringify(data).replaceAll("<", "\\u003c");
const filled = blocks => Object.entries(blocks).reduce((page, [name, data]) =>
    page.replace(BLOCK(name), (all, open, _, close) => open + safe(data) + close), html);

const row = (at, more) => ({ split: "test", row: at, id: at, video: "clip" + at, sound: null, template: "T1",
    question: "How many?", answer: "one", ...more });
const finding = (check_, severity, questions, clips, message) => ({ check: check_, severity, questions, clips, message });

function hostile() {
    const table = { id: HOSTILE, title: HOSTILE, caption: HOSTILE,
        columns: [{ name: HOSTILE, kind: "text" }, { name: "n", kind: "count" }], rows: [[HOSTILE, 3], [HOSTILE, 1], [null, null]] };
    return filled({
        report: { schema: 1, dataset: { name: HOSTILE, splits: { [HOSTILE]: 1 }, templates: { name: HOSTILE } }, split: HOSTILE,
            against: HOSTILE, priors: { fit: HOSTILE, on: "b", global: { correct: 1, total: 2 } },
            consistency: { ["R" + HOSTILE]: null, C07: { violations: 1, checkable: 2, definition: HOSTILE } },
            findings: [finding(HOSTILE, "error", ["test#1", HOSTILE, "__proto__"], [HOSTILE], HOSTILE),
                finding("C07", "warning", ["test#1"], [], HOSTILE), finding("text", "note", [], [], HOSTILE)] },
        tables: [table],
        rows: { "test#1": row(1, { question: HOSTILE, answer: HOSTILE, video: HOSTILE, sound: HOSTILE }), [HOSTILE]: row(2) },
    });
}

function crowd() { // 5,000 findings; one of them names more rows than the page holds
    const rows = {}, findings = [];
    for (let at = 1; at <= 6000; at++) rows["test#" + at] = row(at);
    for (let at = 1; at <= 5000; at++) {
        const severity = ["error", "warning", "note"][at % 3];
        findings.push(finding("C0" + at % 7, severity, ["test#" + at, "test#" + (at + 1)], [], "Finding " + at + " x".repeat(at % 40)));
    }
    findings[2999].questions = Array.from({ length: 1000 }, (_, at) => "test#" + (at < 200 ? at + 1 : at + 100000));
    const values = [10, 9, null, 100, 9, 1000, 2.5, 0];
    const table = { id: "t", title: "T", caption: "", columns: [{ name: "name", kind: "text" }, { name: "n", kind: "count" },
        { name: "share", kind: "percent" }, { name: "x", kind: "number" }],
    rows: Array.from({ length: 400 }, (_, at) => ["name " + at, values[at % values.length], at / 400, at / 8]) };
    return filled({ report: { schema: 1, dataset: { name: "crowd" }, findings }, tables: [table], rows });
}

// ---- What is done in the page.

// Opens every <details>, every "show more", and counts what each finding shows.
async function openAll() {
    const wait = () => new Promise(done => setTimeout(done, 30));
    const blocks = id => JSON.parse(document.getElementById(id).textContent);
    const report = blocks("avqa-report"), rows = blocks("avqa-rows"), wrong = [];
    for (let round = 0; round < 400; round++) {
        const shut = [...document.querySelectorAll("details:not([open]) > summary")];
        const more = [...document.querySelectorAll(".more:not([hidden])")];
        if (!shut.length && !more.length) break;
        shut.forEach(summary => summary.click());
        more.forEach(button => button.click());
        await wait();
    }
    await wait();
    let shown = 0;
    for (const node of document.querySelectorAll("details.finding")) {
        const finding = report.findings[+node.dataset.finding];
        const known = (finding.questions ?? []).filter(ref => Object.hasOwn(rows, ref)).length;
        const got = node.querySelectorAll("tbody tr").length, rest = node.querySelector(".rest")?.textContent ?? "";
        const left = (finding.questions ?? []).length - Math.min(known, 200);
        if (got !== Math.min(known, 200) || (left > 0) !== rest.includes(left.toLocaleString("en-US"))) wrong.push([node.dataset.finding, got, known, rest]);
        shown++;
    }
    for (const node of document.querySelectorAll("details"))
        if (!node.open || node.querySelectorAll("li, tr, p").length === 0) wrong.push(node.textContent.slice(0, 60));
    const evident = report.findings.filter(f => f.questions?.length || f.clips?.length).length;
    const items = document.querySelectorAll("#groups li").length;
    return { wrong: wrong.slice(0, 5), shown, evident, items, all: report.findings.length };
}

// The lowest contrast between a text and the ground it stands on; SVG is left out.
function contrast() {
    const parse = colour => colour.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
        .reduce((sum, c, at) => sum + c * [.2126, .7152, .0722][at], 0);
    let worst = { ratio: 99 };
    for (const node of document.querySelectorAll("body *")) {
        if (node.closest("svg, script, dialog, .skip") || !node.checkVisibility()) continue;
        if (![...node.childNodes].some(kid => kid.nodeType === 3 && kid.data.trim())) continue;
        let ground = node, colour;
        do {
            colour = parse(getComputedStyle(ground).backgroundColor);
            ground = ground.parentElement;
        } while (ground && colour[3] === 0);
        const [a, b] = [light(parse(getComputedStyle(node).color)), light(colour)].sort((x, y) => y - x);
        const ratio = (a + .05) / (b + .05);
        if (ratio < worst.ratio) worst = { ratio: Math.round(ratio * 100) / 100, text: node.textContent.trim().slice(0, 40), tag: node.tagName };
    }
    return worst;
}

// Elements that stick out of the page to the right and are not inside a box that scrolls.
function overflow() {
    const wide = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll("body *")].filter(node => node.getBoundingClientRect().right > wide + 1
        && !node.closest(".scroll, nav ul, pre, svg, dialog")).slice(0, 3).map(node => node.tagName + "." + node.className);
    return { page: document.documentElement.scrollWidth, wide, out };
}

async function sortTable(page, name) {
    const index = await page.evaluate(() => {
        const all = JSON.parse(document.getElementById("avqa-tables").textContent);
        const size = t => new Set(t.rows.map(r => r[t.columns.findIndex(c => c.kind === "count")])).size;
        const best = all.map((t, at) => [t.columns.some(c => c.kind === "count") ? size(t) : 0, at]).sort((a, b) => b[0] - a[0])[0];
        return best && best[0] > 1 ? [best[1], all[best[1]].columns.findIndex(c => c.kind === "count")] : null;
    });
    if (!index) return console.log("--    " + name + ": no table with different counts to sort here");
    const [at, column] = index;
    const box = page.locator("details.table").nth(at);
    if (await box.getAttribute("open") === null) await box.locator("summary").click();
    const button = box.locator("thead th").nth(column).locator("button"), head = box.locator("thead th").nth(column);
    const values = () => box.locator("tbody").evaluate((body, c) => [...body.rows].map(r => r.cells[c].textContent), column);
    const before = await values();
    const order = (list, sign) => {
        const numbers = list.filter(x => x !== "–").map(x => Number(x.replaceAll(",", "")));
        const last = list.indexOf("–");
        return numbers.every(Number.isFinite) && numbers.every((x, i) => !i || sign * (x - numbers[i - 1]) >= 0)
            && (last < 0 || list.slice(last).every(x => x === "–"));
    };
    await button.focus();
    await page.keyboard.press("Enter");
    const up = await values();
    check(name + ": a count column sorts ascending", order(up, 1) && await head.getAttribute("aria-sort") === "ascending", up.slice(0, 6));
    await button.click();
    const down = await values();
    check(name + ": then descending", order(down, -1) && await head.getAttribute("aria-sort") === "descending"
        && down.join() !== up.join(), down.slice(0, 6));
    await button.click();
    check(name + ": then as it came", (await values()).join() === before.join() && await head.getAttribute("aria-sort") === "none");
    const filter = box.locator("input[type=search]");
    if (await filter.count()) {
        await filter.fill("no row has this text");
        await page.waitForFunction(n => document.querySelectorAll("details.table")[n].querySelectorAll("tbody tr").length === 0, at, { timeout: 3000 })
            .then(() => check(name + ": the filter of a table hides rows", true), () => check(name + ": the filter of a table hides rows", false));
        await filter.fill("");
        await page.waitForTimeout(250);
    }
}

async function filterFindings(page, name) {
    const findings = await page.evaluate(() => JSON.parse(document.getElementById("avqa-report").textContent).findings ?? []);
    if (!findings.length) return check(name + ": a page without findings says so", (await page.textContent("#verdict")).includes("No finding"));
    const count = s => findings.filter(f => f.severity === s).length;
    for (const severity of ["error", "warning", "note"]) {
        const boxOf = page.locator(`#controls input[value=${severity}]`);
        await boxOf.uncheck();
        const left = await page.locator(`#groups .group.${severity}`).count();
        const others = await page.locator("#groups .group").count();
        check(`${name}: leaving out ${severity}s leaves out these only`, left === 0 && (others > 0) === (count(severity) < findings.length), [left, others]);
        await boxOf.check();
        check(`${name}: ${severity}s come back`, (await page.locator(`#groups .group.${severity}`).count() > 0) === (count(severity) > 0));
    }
    const needle = findings.at(-1).message.trim().split("\n")[0], same = findings.filter(f => f.message.includes(needle)).length;
    await page.fill("#search", needle);
    await page.waitForTimeout(400);
    const texts = await page.locator("#groups li").allTextContents(), shown = await page.textContent("#shown");
    check(name + ": the search finds a message and hides the others", texts.some(t => t.includes(needle))
        && (same === findings.length || parseInt(shown.replace(",", "")) < findings.length), [shown, texts.slice(0, 2)]);
    await page.fill("#search", "no finding has this text");
    await page.waitForTimeout(400);
    check(name + ": a search without a hit says so", await page.locator("#groups li").count() === 0 && (await page.textContent("#shown")).startsWith("0 of"));
    await page.fill("#search", "");
    await page.waitForTimeout(400);
    check(name + ": an empty search shows all again", (await page.textContent("#shown")) === "");
}

async function enlarge(page, name) {
    const figures = page.locator("figure:has(svg)");
    if (!await figures.count()) return check(name + ": a page without figures says so", (await page.textContent("#figures")).includes("no figures"));
    const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map(n => n.id));
    check(name + ": ids are unique", new Set(ids).size === ids.length);
    await figures.first().locator("button.paper").click();
    const open = await page.evaluate(() => document.querySelector("dialog[open] svg") !== null);
    await page.keyboard.press("Escape");
    await page.waitForTimeout(50);
    check(name + ": a figure opens large and comes back", open && await figures.first().locator("button.paper > svg").count() === 1);
}

// ---- The run.

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
const folder = mkdtempSync(join(tmpdir(), "avqa-report-page-"));

async function visit(name, file, { width = 1280, scheme = "light", script = true } = {}, use) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: script });
    const page = await context.newPage(), noise = [], requests = [], url = pathToFileURL(resolve(file)).href;
    page.on("console", message => ["error", "warning"].includes(message.type()) && noise.push(message.text()));
    page.on("pageerror", fault => noise.push(fault.message));
    page.on("request", request => request.url() !== url && !request.url().startsWith("data:") && requests.push(request.url()));
    try {
        await page.goto(url);
        await use(page);
        if (shots) {
            mkdirSync(shots, { recursive: true });
            await page.evaluate(() => scrollTo(0, 0)).catch(() => {});
            await page.screenshot({ path: join(shots, name.replace(/\W+/g, "-") + ".png"), fullPage: await page.evaluate(() => document.body.scrollHeight < 15000).catch(() => false) });
        }
    } catch (fault) {
        check(name + ": the page can be used", false, fault.message.split("\n")[0]);
    }
    check(name + ": no error and no warning in the console", noise.length === 0, noise);
    check(name + ": nothing is asked of the network", requests.length === 0, requests);
    await context.close();
}
function variant(name, page) {
    const file = join(folder, name + ".html");
    writeFileSync(file, page);
    return file;
}

check("no marker is left in the page", !/AVQA:[A-Z]+/.test(html), html.match(/.{20}AVQA:[A-Z]+/)?.[0]);
check("the page is one file", !/<(?:script|img|iframe)[^>]*\ssrc=|<link\s|@import|@font-face|https?:\/\/(?!www\.w3\.org\/)/i
    .test(html.replace(BLOCK("report"), "").replace(BLOCK("tables"), "").replace(BLOCK("rows"), "")));

for (const scheme of ["light", "dark"])
    for (const width of [1280, 360]) {
        const name = `${scheme} ${width}`;
        await visit(name, path, { width, scheme }, async page => {
            const about = block("report", {}).dataset?.name;
            check(name + ": the title names the dataset", !about || (await page.textContent("h1")).startsWith(about.slice(0, 20).split(/[^ -~]/)[0]));
            check(name + ": all parts were drawn", await page.locator("#broken").isHidden() && await page.locator("#tiles dt").count() === 9);
            let wide = await page.evaluate(overflow);
            check(name + ": the page does not scroll sideways", wide.page <= wide.wide && !wide.out.length, wide);
            await filterFindings(page, name);
            if (block("tables", []).length) await sortTable(page, name);
            await enlarge(page, name);
            const opened = await page.evaluate(openAll);
            check(name + ": every part that opens shows its rows", !opened.wrong.length && opened.shown === opened.evident && opened.items === opened.all, opened);
            wide = await page.evaluate(overflow);
            check(name + ": nor with all of it open", wide.page <= wide.wide && !wide.out.length, wide);
            const worst = await page.evaluate(contrast);
            check(name + ": contrast is at least 4.5", worst.ratio >= 4.5, worst);
        });
    }

for (const width of [1280, 360])
    await visit("hostile " + width, variant("hostile", hostile()), { width }, async page => {
        await page.evaluate(openAll);
        const seen = await page.evaluate(text => ({ ran: window.ran, images: document.images.length, scripts: document.scripts.length,
            places: ["#name", "#scope", ".finding .data", "li > p.data", ".group .name", ".group .why", ".proof td.answer", ".proof td.long",
                "#ledger dd", "#prior-text", "#csv-links", ".table h3", ".table .body > p", ".table th button", ".table td"]
                .filter(where => ![...document.querySelectorAll(where)].some(node => node.textContent.includes(text))) }), HOSTILE_SHOWN);
        check(`hostile ${width}: text stays text`, !seen.ran && !seen.images && seen.scripts === 4 && !seen.places.length, seen);
        const wide = await page.evaluate(overflow);
        check(`hostile ${width}: the page does not scroll sideways`, wide.page <= wide.wide && !wide.out.length, wide);
    });

await visit("crowd", variant("crowd", crowd()), {}, async page => {
    const drawn = await page.evaluate(() => performance.now());
    check("crowd: 5,000 findings are drawn within 5 s", drawn < 5000, drawn);
    check("crowd: only what is looked at is drawn", await page.evaluate(() => document.querySelectorAll("body *:not(svg *)").length) < 5000);
    const taken = await page.evaluate(async () => {
        const box = document.getElementById("search"), start = performance.now();
        box.value = "test#4999";
        box.dispatchEvent(new Event("input"));
        while (!document.getElementById("shown").textContent) await new Promise(done => setTimeout(done, 10));
        return [performance.now() - start, document.getElementById("shown").textContent];
    });
    check("crowd: a row is found by its name within 2 s", taken[0] < 2000 && taken[1] === "2 of 5,000 findings", taken);
    await page.fill("#search", "finding 3000");
    await page.waitForFunction(() => document.querySelectorAll("#groups li").length === 1);
    await page.locator("details.finding > summary").click();
    await page.waitForSelector(".proof");
    check("crowd: 200 rows are shown, and how many more there are", await page.locator(".proof tbody tr").count() === 200
        && (await page.textContent(".proof .rest")).includes("800 more"));
    await page.locator("#controls input[value=error]").uncheck(); // 3000 is an error
    check("crowd: search and severity hold together", await page.locator("#groups li").count() === 0);
    await sortTable(page, "crowd");
    await page.locator(".table .body button:has-text('Show all')").click();
    check("crowd: a long table shows the rest on demand", await page.locator(".table tbody tr").count() === 400);
});

await visit("bare", variant("bare", filled({ report: {}, tables: [], rows: {} })), { width: 360 }, async page =>
    check("bare: an empty report is drawn", await page.locator("#broken").isHidden() && (await page.textContent("#prior-text")).length > 0));
const odd = { dataset: null, counts: 3, priors: { global: null }, entropy: [], leakage: null, consistency: null, duplicates: null, media: null,
    findings: [null, 7, {}, { check: "C01", severity: "fatal", questions: null, clips: "x", message: { a: 1 } }] };
await visit("odd", variant("odd", filled({ report: odd, tables: [null, {}, { id: 1, columns: ["a"], rows: [["b"], 3] }], rows: { a: 1 } })), {}, async page =>
    check("odd: wrong types are survived", await page.locator("#broken").isHidden() && await page.locator("#groups li").count() === 2));
await visit("cut", variant("cut", html.replace(BLOCK("report"), "$1{\"schema\":$3")), {}, async page =>
    check("cut: a report that cannot be read is said to be so", (await page.textContent("#broken")).includes("avqa-report")));
await visit("no script", path, { script: false }, async page =>
    check("no script: the page says what to do", await page.locator(".notice >> nth=0").isVisible() && (await page.textContent("body")).includes("findings.csv")));

await browser.close();
rmSync(folder, { recursive: true });
console.log(failures ? failures + " failed" : "all passed");
process.exit(failures ? 1 : 0);
