/* Tables that sort by a click or a key. */
(() => {
  const sortValue = (row, column) => row.children[column].dataset.sort ?? "";
  const compare = (a, b) => {
    const numbers = a !== "" && b !== "" && !Number.isNaN(Number(a)) && !Number.isNaN(Number(b));
    return numbers ? Number(a) - Number(b) : a.localeCompare(b);
  };

  function sortBy(table, column) {
    const headers = [...table.tHead.rows[0].cells];
    const numeric = headers[column].classList.contains("number");
    const before = headers[column].getAttribute("aria-sort");
    const order =
      before === null ? (numeric ? "descending" : "ascending") : before === "ascending" ? "descending" : "ascending";
    for (const header of headers) header.removeAttribute("aria-sort");
    headers[column].setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => sign * compare(sortValue(a, column), sortValue(b, column)));
    table.tBodies[0].append(...rows);
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    table.tHead.querySelectorAll("button").forEach((button, column) => {
      button.addEventListener("click", () => sortBy(table, column));
    });
  }
})();
