"use strict";
(() => {
  const N_ROWS = 100;
  // So many findings are printed with their details, whether they are open or not.
  const N_OPEN_IN_PRINT = 1000;
  const data = JSON.parse(document.getElementById("data").textContent);
  const findings = data.findings;
  const at = (id) => document.getElementById(id);
  const ranks = {
    severity: ["critical", "high", "medium", "low"],
    confidence: ["high", "medium", "low"],
    verdict: ["live", "restricted", "unknown", "unchecked", "blocked", "invalid"],
  };
  const filters = ["severity", "confidence", "verdict", "provider"];
  const state = { sort: null, isDescending: false, page: 0, shown: findings, open: new Set(), isPrinting: false };
  if (findings.length === 0) return;

  // What is searched, once for each finding.
  const haystacks = findings.map((one) => [one.path, one.rule, one.title, one.provider, one.text, one.id, one.commit, one.answer].join("\n").toLowerCase());
  const numbers = new Map(findings.map((one, i) => [one, i]));

  /** An element with a class and children; text becomes text, whatever it says. */
  function make(name, className, ...children) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  function choices(name) {
    const present = new Set(findings.map((one) => one[name]));
    const order = ranks[name];
    return order ? order.filter((value) => present.has(value)) : [...present].sort((a, b) => a.localeCompare(b, "en"));
  }

  function fillFilters() {
    for (const name of filters) {
      const all = make("option", "", "all");
      all.value = "";
      at(name).append(all, ...choices(name).map((value) => {
        const option = make("option", "", value);
        option.value = value;
        return option;
      }));
    }
  }

  /** Chooses, sorts and shows what the filters say. */
  function apply() {
    const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = filters.map((name) => [name, at(name).value]).filter(([, value]) => value);
    state.shown = findings.filter((one, i) => wanted.every(([name, value]) => one[name] === value) && words.every((word) => haystacks[i].includes(word)));
    if (state.sort) {
      const key = state.sort;
      const order = ranks[key];
      const compare = order ? (a, b) => order.indexOf(a[key]) - order.indexOf(b[key])
        : (a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0) || a.line - b.line;
      const sign = state.isDescending ? -1 : 1;
      state.shown.sort((a, b) => sign * compare(a, b) || numbers.get(a) - numbers.get(b));
    }
    state.page = 0;
    show();
  }

  function show() {
    const n = state.shown.length;
    const nPages = Math.max(1, Math.ceil(n / N_ROWS));
    state.page = Math.min(state.page, nPages - 1);
    const first = state.page * N_ROWS;
    const rows = state.isPrinting ? state.shown : state.shown.slice(first, first + N_ROWS);
    at("rows").replaceChildren(...rows.flatMap(rowsOf));
    at("count").textContent = n === findings.length ? `${n} findings` : `${n} of ${findings.length} findings`;
    at("pages").hidden = nPages === 1;
    at("page").textContent = `Page ${state.page + 1} of ${nPages}`;
    at("previous").disabled = state.page === 0;
    at("next").disabled = state.page === nPages - 1;
  }

  function rowsOf(one) {
    const number = numbers.get(one);
    const isOpen = state.open.has(number) || state.isPrinting && state.shown.length <= N_OPEN_IN_PRINT;
    const toggle = make("button", "toggle", one.title);
    toggle.type = "button";
    toggle.setAttribute("aria-expanded", String(isOpen));
    const where = make("td", "where", `${one.path}:${one.line}:${one.column}`);
    if (one.gone) where.append(make("span", "gone", " (only in the history)"));
    const row = make("tr", isOpen ? "row open" : "row",
      make("td", `tag ${one.severity}`, one.severity), make("td", "what", toggle), where,
      make("td", "confidence", one.confidence));
    if (data.asked) row.append(make("td", `tag ${one.verdict}`, one.verdict));
    row.dataset.number = String(number);
    return isOpen ? [row, details(one)] : [row];
  }

  function part(title, ...children) {
    return make("div", "", make("h3", "", title), ...children);
  }

  function lineOf(one) {
    if (!one.mark) return make("pre", "", one.text);
    const characters = Array.from(one.text);
    const piece = (from, to) => characters.slice(from, to).join("");
    const [start, end] = one.mark;
    return make("pre", "", piece(0, start), make("mark", "", piece(start, end)), piece(end));
  }

  function details(one) {
    const rule = data.rules[one.rule] || { steps: [], note: null, page: null };
    const line = part(one.layer ? `The line, with the text in ${one.layer} masked` : "The line, with the secret masked", lineOf(one));
    line.className = "wide";
    const evidence = make("ul", "", ...one.evidence.map(([weight, text]) =>
      make("li", "", make("span", "weight", `${weight > 0 ? "+" : "−"}${Math.abs(weight)} `), text)));
    const why = part("Why", one.evidence.length ? evidence : make("p", "", one.why));
    if (one.fits.length) why.append(make("p", "", `It fits ${one.fits.join(", ")}.`));
    const steps = make("ol", "", ...rule.steps.map((step) => make("li", "", step)));
    const now = part("What to do", steps);
    if (rule.page) {
      const link = make("a", "", rule.page);
      link.href = rule.page;
      link.rel = "noopener noreferrer";
      now.append(make("p", "", link));
    }
    now.append(make("p", "", "Revoke first, then remove: clones and caches keep what was in the history."));
    const facts = make("ul", "", make("li", "", `secret ${one.secret}`), make("li", "", `rule ${one.rule}, id ${one.id}`));
    if (one.answer) facts.append(make("li", "", `verdict: ${one.answer}`));
    if (one.commit) facts.append(make("li", "", `commit ${one.commit}`));
    if (one.paths.length) facts.append(make("li", "", `also at ${one.paths.join(", ")}`));
    if (rule.note) facts.append(make("li", "", rule.note));
    if (one.unheard) facts.append(make("li", "", one.unheard));
    const cell = make("td", "", make("div", "parts", line, why, now, part("More", facts)));
    cell.colSpan = data.asked ? 5 : 4;
    return make("tr", "detail", cell);
  }

  function toggle(row) {
    const number = Number(row.dataset.number);
    const button = row.querySelector(".toggle");
    if (state.open.delete(number)) {
      row.classList.remove("open");
      row.nextElementSibling.remove();
    } else {
      state.open.add(number);
      row.classList.add("open");
      row.after(details(findings[number]));
    }
    button.setAttribute("aria-expanded", String(state.open.has(number)));
  }

  function sortBy(head) {
    const key = head.dataset.sort;
    const isSame = state.sort === key;
    state.isDescending = isSame && !state.isDescending;
    state.sort = key;
    for (const other of document.querySelectorAll("th[data-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", state.isDescending ? "descending" : "ascending");
    apply();
  }

  function reset() {
    at("search").value = "";
    for (const name of filters) at(name).value = "";
    apply();
  }

  function turn(by) {
    state.page += by;
    show();
    at("list").scrollIntoView();
  }

  /** Moves the focus to the next row, or the one before. */
  function move(by) {
    const toggles = [...document.querySelectorAll(".toggle")];
    const now = toggles.indexOf(document.activeElement);
    const next = toggles[now < 0 ? 0 : Math.min(Math.max(now + by, 0), toggles.length - 1)];
    if (next) next.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      reset();
      return;
    }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "/") {
      event.preventDefault();
      at("search").focus();
    } else if (event.key === "j" || event.key === "k") {
      move(event.key === "j" ? 1 : -1);
    }
  });
  at("rows").addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    // Whoever selects text does not want the row to close.
    if (row && (event.target.closest(".toggle") || String(getSelection()) === "")) toggle(row);
  });
  for (const head of document.querySelectorAll("th[data-sort]")) head.addEventListener("click", () => sortBy(head));
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      at(button.dataset.filter).value = button.dataset.value;
      apply();
      at("list").scrollIntoView();
    });
  }
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  at("search").addEventListener("input", apply);
  for (const name of filters) at(name).addEventListener("change", apply);
  at("reset").addEventListener("click", reset);
  at("previous").addEventListener("click", () => turn(-1));
  at("next").addEventListener("click", () => turn(1));
  addEventListener("beforeprint", () => { state.isPrinting = true; show(); });
  addEventListener("afterprint", () => { state.isPrinting = false; show(); });
  for (const part of document.querySelectorAll(".asked")) part.hidden = !data.asked;
  at("list").hidden = false;
  fillFilters();
  apply();
})();
