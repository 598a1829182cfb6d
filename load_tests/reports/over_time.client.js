/* The charts over time, each with the names of its lines below: they switch lines off and on. */
(() => {
  const { data, color, clock, number, duration, axis, font, draw } = globalThis.charts;
  const phaseAt = (t) => data.phases.find((phase) => t > phase.from && t <= phase.to);

  function fitted(ctx, text, width) {
    if (ctx.measureText(text).width <= width) return text;
    let kept = [...text];
    while (kept.length > 0 && ctx.measureText(`${kept.join("")}…`).width > width) kept = kept.slice(0, -1);
    return kept.length > 1 ? `${kept.join("")}…` : "";
  }

  /** Bands behind the lines, every other one shaded, with the names of the phases above them. */
  const phases = {
    id: "phases",
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      ctx.save();
      ctx.font = font();
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

  const lineOf = (label, points, colorName, more = {}) => ({
    label,
    data: points,
    colorName,
    borderWidth: 2,
    clip: 2,
    pointRadius: points.length < 3 ? 3 : 0,
    pointHitRadius: 8,
    ...more,
  });
  const line = (label, values, name, more) =>
    lineOf(
      label,
      data.t.map((t, i) => ({ x: t, y: values[i] })),
      name,
      more,
    );

  const overTime = (id, datasets, axes) =>
    draw(id, {
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
            max: Math.max(1, data.t.at(-1) ?? 1),
            ticks: { callback: clock, precision: 0, maxRotation: 0, autoSkipPadding: 24 },
          },
          ...axes,
        },
        plugins: {
          legend: { display: false },
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

  const latency = { format: duration };
  const DASHES = [[], [8, 3], [2, 3], [10, 3, 2, 3], [4, 4]];
  const COLORS = ["fail", "p95", "users", "p50", "more", "unknown"];
  const several = (series, make) =>
    series.map((each, i) => make(each, COLORS[i % COLORS.length], { borderDash: DASHES[i % DASHES.length] }));

  const charts = [
    overTime(
      "latency",
      [
        line("p50", data.p50, "p50", latency),
        line("p95", data.p95, "p95", { ...latency, borderDash: [8, 3] }),
        line("p99", data.p99, "p99", { ...latency, borderDash: [2, 3] }),
      ],
      { y: axis("", duration) },
    ),
    overTime(
      "load",
      [
        line("requests/s", data.requests, "p50"),
        line("users", data.users, "users", { yAxisID: "users", stepped: true, borderDash: [6, 3] }),
      ],
      {
        y: axis("requests/s", number),
        users: axis("users", number, { position: "right", grid: { drawOnChartArea: false } }),
      },
    ),
    overTime(
      "failures",
      [
        ...several(Object.entries(data.outcomes), ([name, values], colorName, more) =>
          line(`${name}/s`, values, colorName, more),
        ),
        line("not sent/s", data.unsent, "soft", { borderDash: [4, 3] }),
      ],
      { y: axis("calls/s", number, { suggestedMax: 1 }) },
    ),
    ...data.resources.map(({ unit, series }, index) =>
      overTime(
        `resources-${index}`,
        several(series, ({ name, points }, colorName, more) =>
          lineOf(
            name,
            points.map(([x, y]) => ({ x, y })),
            colorName,
            more,
          ),
        ),
        { y: axis(unit, number, unit === "" ? { ticks: { callback: number, precision: 0, maxTicksLimit: 6 } } : {}) },
      ),
    ),
  ];

  /* The names below a chart: they switch its lines off and on. */
  for (const chart of charts) {
    const legend = chart.canvas.closest("figure").querySelector(".legend");
    chart.data.datasets.forEach((dataset, index) => {
      const button = document.createElement("button");
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.borderTopStyle = !dataset.borderDash?.length
        ? "solid"
        : dataset.borderDash[0] > 2
          ? "dashed"
          : "dotted";
      swatch.style.borderTopColor = `var(--${dataset.colorName})`;
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      button.append(swatch, dataset.label);
      button.addEventListener("click", () => {
        const shown = !chart.isDatasetVisible(index);
        chart.setDatasetVisibility(index, shown);
        button.setAttribute("aria-pressed", String(shown));
        chart.update("none");
      });
      legend.append(button);
    });
  }

  globalThis.charts.overTime = charts;
})();
