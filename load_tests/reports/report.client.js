/* The page's own script: tables that sort by a click, and the charts over time. */
(() => {
  const root = document.documentElement;

  /* Tables */
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

  /* Charts */
  if (typeof Chart === "undefined") return;
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const clock = (seconds) => {
    const two = (n) => String(Math.floor(n)).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  };
  const number = (value) => Number(value.toPrecision(3)).toLocaleString("en");
  const duration = (ms) => (ms >= 1000 ? `${number(ms / 1000)} s` : `${number(ms)} ms`);
  const phaseAt = (t) => data.phases.find((phase) => t > phase.from && t <= phase.to);

  /** Bands behind the lines, every other one shaded, with the names of the phases above them. */
  const phases = {
    id: "phases",
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      ctx.save();
      ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
      ctx.textBaseline = "bottom";
      data.phases.forEach((phase, index) => {
        const from = Math.max(chartArea.left, scales.x.getPixelForValue(phase.from));
        const width = Math.min(chartArea.right, scales.x.getPixelForValue(phase.to)) - from;
        if (width <= 0) return;
        ctx.fillStyle = color(index % 2 === 1 ? "band-strong" : "band");
        ctx.fillRect(from, chartArea.top, width, chartArea.height);
        ctx.fillStyle = color("soft");
        ctx.fillText(
          fitted(ctx, phase.measured ? phase.name : `${phase.name} (not judged)`, width - 8),
          from + 4,
          chartArea.top - 3,
        );
      });
      ctx.restore();
    },
  };

  function fitted(ctx, text, width) {
    if (ctx.measureText(text).width <= width) return text;
    let kept = [...text];
    while (kept.length > 0 && ctx.measureText(`${kept.join("")}…`).width > width) kept = kept.slice(0, -1);
    return kept.length > 1 ? `${kept.join("")}…` : "";
  }

  const line = (label, key, name, more = {}) => ({
    label,
    data: data.t.map((t, i) => ({ x: t, y: data[key][i] })),
    colorName: name,
    borderWidth: 2,
    pointRadius: data.t.length < 3 ? 3 : 0,
    pointHitRadius: 8,
    ...more,
  });

  const axis = (title, format, more = {}) => ({
    beginAtZero: true,
    title: { display: title !== "", text: title },
    ticks: { callback: format, maxTicksLimit: 6 },
    ...more,
  });

  function draw(id, datasets, axes) {
    const end = data.t.at(-1) ?? 1;
    return new Chart(document.getElementById(id), {
      type: "line",
      data: { datasets },
      plugins: [phases],
      options: {
        animation: false,
        maintainAspectRatio: false,
        parsing: false,
        interaction: { mode: "index", intersect: false },
        layout: { padding: { top: 18 } },
        scales: {
          x: {
            type: "linear",
            min: 0,
            max: end,
            ticks: { callback: clock, precision: 0, maxRotation: 0, autoSkipPadding: 24 },
          },
          ...axes,
        },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, pointStyle: "line", boxWidth: 24 } },
          tooltip: {
            callbacks: {
              title: ([item]) => {
                const phase = phaseAt(item.parsed.x);
                return phase ? `${clock(item.parsed.x)} · ${phase.name}` : clock(item.parsed.x);
              },
              label: ({ dataset, parsed }) => `${dataset.label} ${(dataset.format ?? number)(parsed.y)}`,
            },
          },
        },
      },
    });
  }

  const latency = { format: duration };
  const charts = [
    draw(
      "latency",
      [
        line("p50", "p50", "p50", latency),
        line("p95", "p95", "p95", { ...latency, borderDash: [8, 3] }),
        line("p99", "p99", "p99", { ...latency, borderDash: [2, 3] }),
      ],
      { y: axis("", duration) },
    ),
    draw(
      "load",
      [
        line("requests/s", "requests", "p50"),
        line("users", "users", "users", { yAxisID: "users", stepped: true, borderDash: [6, 3] }),
      ],
      {
        y: axis("requests/s", number),
        users: axis("users", number, { position: "right", grid: { drawOnChartArea: false } }),
      },
    ),
    draw(
      "failures",
      [
        line("failed/s", "failures", "fail", { fill: true }),
        line("not sent/s", "unsent", "unknown", { borderDash: [4, 3] }),
      ],
      {
        y: axis("calls/s", number, { suggestedMax: 1 }),
      },
    ),
  ];

  function paint() {
    for (const chart of charts) {
      for (const dataset of chart.data.datasets) {
        dataset.borderColor = dataset.pointBackgroundColor = color(dataset.colorName);
        dataset.backgroundColor = `${color(dataset.colorName)}33`;
      }
      for (const scale of Object.values(chart.options.scales)) {
        scale.ticks.color = color("soft");
        if (scale.title) scale.title.color = color("soft");
        scale.grid = { ...scale.grid, color: color("line") };
      }
      chart.options.plugins.legend.labels.color = color("ink");
      chart.update("none");
    }
  }

  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  /* Paper is white. */
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    paint();
    for (const chart of charts) chart.resize();
  });
  addEventListener("afterprint", () => {
    delete root.dataset.theme;
    paint();
  });
})();
