/* The page's own script: tables that sort by a click, and the curves of the runs over one another. */
(() => {
  const root = document.documentElement;
  const compare = (a, b) => {
    const numbers = a !== "" && b !== "" && !Number.isNaN(Number(a)) && !Number.isNaN(Number(b));
    return numbers ? Number(a) - Number(b) : a.localeCompare(b);
  };
  function sortBy(table, column) {
    const headers = [...table.tHead.rows[0].cells];
    const before = headers[column].getAttribute("aria-sort");
    const order = before === "ascending" ? "descending" : "ascending";
    for (const header of headers) header.removeAttribute("aria-sort");
    headers[column].setAttribute("aria-sort", order);
    const value = (row) => row.children[column].dataset.sort ?? "";
    const rows = [...table.tBodies[0].rows].sort(
      (a, b) => (order === "ascending" ? 1 : -1) * compare(value(a), value(b)),
    );
    table.tBodies[0].append(...rows);
  }
  for (const table of document.querySelectorAll("table.sortable")) {
    table.tHead.querySelectorAll("button").forEach((button, column) => {
      button.addEventListener("click", () => sortBy(table, column));
    });
  }

  const runs = JSON.parse(document.getElementById("chart-data").textContent);
  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const number = (value) => Number(value.toPrecision(3)).toLocaleString("en");
  const duration = (ms) => (ms >= 1000 ? `${number(ms / 1000)} s` : `${number(ms)} ms`);
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const share = (value) => `${number(value * 100)} %`;

  const dataset = (run, points) => ({
    label: run.label,
    data: points,
    colorName: run.side === "baseline" ? "soft" : "p50",
    borderDash: run.side === "baseline" ? [6, 3] : [],
    borderWidth: 2,
    pointRadius: points.length < 3 ? 3 : 0,
    pointHitRadius: 8,
  });

  /* Chart.js leaves a line's dashes out of its own labels. */
  const labels = (chart) =>
    chart.data.datasets.map(({ label, borderColor, borderDash }, datasetIndex) => ({
      ...{ text: label, strokeStyle: borderColor, lineDash: borderDash, lineWidth: 2, pointStyle: "line" },
      ...{ datasetIndex, hidden: !chart.isDatasetVisible(datasetIndex) },
      fontColor: chart.options.plugins.legend.labels.color,
    }));

  function draw(id, points, { x, y }) {
    return new Chart(document.getElementById(id), {
      type: "line",
      data: { datasets: runs.map((run) => dataset(run, points(run))) },
      options: {
        animation: false,
        maintainAspectRatio: false,
        parsing: false,
        interaction: { mode: "nearest", axis: "x", intersect: false },
        scales: {
          x: {
            type: x.type ?? "linear",
            ...(x.afterBuildTicks && { afterBuildTicks: x.afterBuildTicks }),
            ticks: { callback: x.format, maxRotation: 0, maxTicksLimit: 10, autoSkipPadding: 16, ...x.ticks },
          },
          y: { beginAtZero: true, ticks: { callback: y, maxTicksLimit: 6 } },
        },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, pointStyleWidth: 36, generateLabels: labels } },
          tooltip: {
            callbacks: {
              title: ([item]) => x.format(item.parsed.x),
              label: ({ dataset, parsed }) => `${dataset.label}: ${y(parsed.y)}`,
            },
          },
        },
      },
    });
  }

  /** 1, 2, 5, 10, 20, 50 ...: more would lie over one another on a phone. */
  const fewTicks = (scale) => {
    scale.ticks = scale.ticks.filter(({ value }) => /^[0.]*[125]0*$/.test(String(value)));
  };
  const overTime = (key) => (run) => run.t.map((t, i) => ({ x: t, y: run[key][i] }));
  const time = { format: clock, ticks: { precision: 0 } };
  const charts = [
    draw("p95", overTime("p95"), { x: time, y: duration }),
    draw("rps", overTime("rps"), { x: time, y: number }),
    draw("failures", overTime("failures"), { x: time, y: number }),
    draw("distribution", (run) => run.distribution.map(([x, y]) => ({ x, y })), {
      x: { type: "logarithmic", format: duration, afterBuildTicks: fewTicks },
      y: share,
    }),
  ];

  function paint() {
    for (const chart of charts) {
      for (const each of chart.data.datasets) each.borderColor = each.backgroundColor = color(each.colorName);
      for (const scale of Object.values(chart.options.scales)) {
        scale.ticks.color = color("soft");
        scale.grid = { ...scale.grid, color: color("line") };
      }
      chart.options.plugins.legend.labels.color = color("ink");
      chart.update("none");
    }
  }
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
})();
