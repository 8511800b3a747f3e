"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;

  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // map: point, focus, arrow keys, steps on and off
  const detail = document.getElementById("map-detail");
  const flows = all(".flow");
  const tell = (event) => {
    const told = event.target.closest("[data-detail]");
    if (told && detail) detail.textContent = told.dataset.detail;
  };
  const map = document.getElementById("map");
  map.addEventListener("pointerover", tell);
  map.addEventListener("focusin", tell);
  map.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const shown = flows.filter((flow) => !flow.classList.contains("off"));
    const here = shown.indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    const next = shown[(here + step + shown.length) % shown.length];
    document.activeElement.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  all(".key[data-step]").forEach((key) => key.addEventListener("click", () => {
    const on = key.getAttribute("aria-pressed") !== "true";
    key.setAttribute("aria-pressed", String(on));
    if (key.dataset.step === "empty") {
      const empties = map.querySelector(".empties");
      on ? empties.removeAttribute("hidden") : empties.setAttribute("hidden", "");
      return;
    }
    flows.filter((flow) => flow.dataset.step === key.dataset.step)
      .forEach((flow) => flow.classList.toggle("off", !on));
    const shown = flows.filter((flow) => !flow.classList.contains("off"));
    flows.forEach((flow) => { flow.tabIndex = flow === shown[0] ? 0 : -1; });
  }));

  // promise: one matrix at a time
  const matrices = all(".key[data-matrix]");
  matrices.forEach((key) => key.addEventListener("click", () => {
    matrices.forEach((each) => {
      const on = each === key;
      each.setAttribute("aria-pressed", String(on));
      document.getElementById(each.dataset.matrix).hidden = !on;
    });
  }));

  // lanes: sort, filter, show on the map
  const lanes = document.getElementById("lane-table");
  if (lanes) {
    const body = lanes.tBodies[0];
    const rows = [...body.rows];
    const value = (row, column) => {
      const cell = row.cells[column];
      return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
    };
    all("th button", lanes).forEach((button) => button.addEventListener("click", () => {
      const head = button.parentElement;
      const down = head.getAttribute("aria-sort") !== "descending";
      all("th[aria-sort]", lanes).forEach((each) => each.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const column = head.cellIndex;
      rows.sort((a, b) => {
        const [x, y] = [value(a, column), value(b, column)];
        const order = typeof x === "number" ? x - y : x.localeCompare(y);
        return down ? -order : order;
      });
      body.append(...rows);
    }));
    const count = document.getElementById("lane-count");
    const whole = count.textContent;
    document.getElementById("lane-filter").addEventListener("input", (event) => {
      const wanted = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        row.hidden = !wanted.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      });
      count.textContent = wanted.length ? `${shown} of ${rows.length} rows` : whole;
    });
    const light = (event) => {
      const row = event.target.closest("tr[data-lane]");
      const on = event.type === "pointerover" && row;
      flows.forEach((flow) => flow.classList.toggle("on", Boolean(on) && flow.dataset.lane === row.dataset.lane));
    };
    body.addEventListener("pointerover", light);
    body.addEventListener("pointerout", light);
  }

  // last mile: one metro at a time, its routes by pointer and by arrow keys
  const metro = document.getElementById("metro");
  if (metro) {
    metro.addEventListener("change", () => {
      all(".metro").forEach((view) => { view.hidden = view.id !== metro.value; });
    });
    all(".metro").forEach((view) => {
      const mark = (id) => all("[data-route]", view).forEach((each) => each.classList.toggle("on", each.dataset.route === id));
      const pick = (event) => mark(event.target.closest("[data-route]")?.dataset.route);
      view.addEventListener("pointerover", pick);
      view.addEventListener("pointerleave", () => mark(undefined));
      view.addEventListener("focusin", pick);
      view.addEventListener("focusout", () => mark(undefined));
      view.addEventListener("keydown", (event) => {
        const row = event.target.closest("tr[data-route]");
        const next = row && { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
        if (!next) return;
        event.preventDefault();
        row.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      });
    });
  }
})();
