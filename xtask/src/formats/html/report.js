"use strict";

// Columns sort by how far behind the best each figure is, within each group; a third press restores the order.
function sortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  const original = new Map([...table.tBodies].map((body) => [body, [...body.rows]]));
  const key = (row, column) => {
    const cell = row.cells[column];
    return column === 0 ? cell.textContent.trim() : Number(cell.dataset.sort ?? Infinity);
  };
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a === b ? 0 : a - b);
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: null }[header.getAttribute("aria-sort")];
      const order = next === undefined ? "ascending" : next;
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      if (order) header.setAttribute("aria-sort", order);
      const sign = order === "descending" ? -1 : 1;
      for (const [body, rows] of original) {
        const fixed = rows.filter((row) => row.classList.contains("group"));
        const sorted = rows.filter((row) => !row.classList.contains("group"));
        if (order) sorted.sort((a, b) => sign * compare(key(a, column), key(b, column)));
        body.append(...fixed, ...sorted);
      }
    });
  });
}
document.querySelectorAll("table.sortable").forEach(sortable);

// The colours that were chosen last time. A page from a file may have no storage: then they are chosen again.
const schemes = [...document.querySelectorAll("[name=scheme]")];
try {
  document.getElementById(localStorage.getItem("ch8-scheme"))?.click();
  schemes.forEach((input) => input.addEventListener("change", () => localStorage.setItem("ch8-scheme", input.id)));
} catch { /* no storage */ }

// All files of a program at once.
document.querySelectorAll(".program").forEach((program) => {
  const files = [...program.querySelectorAll("details")];
  if (files.length < 2) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "all";
  const name = () => { button.textContent = files.every((file) => file.open) ? "Close all" : "Open all"; };
  button.addEventListener("click", () => {
    const open = !files.every((file) => file.open);
    files.forEach((file) => { file.open = open; });
    name();
  });
  files.forEach((file) => file.addEventListener("toggle", name));
  name();
  program.querySelector("h3").after(button);
});
