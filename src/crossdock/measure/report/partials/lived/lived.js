(() => {
  // the days: every row's figure of the hour under the pointer, or of the arrow keys
  const figure = document.getElementById("hour-rows");
  if (!figure) return;
  const rows = [...figure.querySelectorAll(".hour-row")];
  const labels = figure.dataset.labels.split("|");
  const values = rows.map((row) => row.dataset.values.split(",").map(Number));
  const detail = document.getElementById("hour-detail");
  const cursors = rows.map((row) => {
    const cursor = document.createElement("span");
    cursor.className = "cursor";
    cursor.hidden = true;
    row.append(cursor);
    return cursor;
  });
  detail.textContent = "Point at an hour for its figures, or focus here and walk with the arrow keys.";
  let hour = -1;
  const show = (next) => {
    hour = Math.max(0, Math.min(labels.length - 1, next));
    cursors.forEach((cursor) => {
      cursor.hidden = false;
      cursor.style.left = `${(100 * (hour + 0.5)) / labels.length}%`;
    });
    const told = rows.map((row, at) => `${row.dataset.name.toLowerCase()} ${values[at][hour].toLocaleString("en-US")}`);
    detail.textContent = `${labels[hour]}: ${told.join(", ")}`;
  };
  figure.addEventListener("pointermove", (event) => {
    const box = rows[0].getBoundingClientRect();
    const next = Math.floor((labels.length * (event.clientX - box.left)) / box.width);
    if (next !== hour && next >= 0 && next < labels.length) show(next);
  });
  figure.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 24, PageUp: -24 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(hour + step);
  });
})();
