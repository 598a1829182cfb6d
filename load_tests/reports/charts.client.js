/* The charts: lines over time that zoom together, and the distribution of latencies. */
(() => {
  if (typeof Chart === "undefined") return;
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const clock = (seconds) => {
    const two = (n) => String(Math.floor(n)).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  };
  const number = (value) => Number(value.toPrecision(3)).toLocaleString("en");
  const duration = (ms) =>
    ms >= 1000 ? `${number(ms / 1000)} s` : ms >= 1 || ms === 0 ? `${number(ms)} ms` : `${number(ms * 1000)} us`;
  /** Ticks of a log axis at 1, 2 and 5 of each decade. */
  const logTick = (ms) => {
    const lead = ms / 10 ** Math.floor(Math.log10(ms) + 1e-9);
    return [1, 2, 5].some((shown) => Math.abs(lead - shown) < 0.01) ? duration(ms) : null;
  };
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

  const axis = (title, format, more = {}) => ({
    beginAtZero: true,
    title: { display: title !== "", text: title },
    ticks: { callback: format, maxTicksLimit: 6 },
    ...more,
  });

  const end = Math.max(1, data.t.at(-1) ?? 1);

  function draw(id, datasets, axes) {
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
  }

  const latency = { format: duration };
  const DASHES = [[], [8, 3], [2, 3], [10, 3, 2, 3], [4, 4]];
  const COLORS = ["fail", "p95", "users", "p50", "more", "unknown"];
  const several = (series, make) =>
    series.map((each, i) => make(each, COLORS[i % COLORS.length], { borderDash: DASHES[i % DASHES.length] }));

  const charts = [
    draw(
      "latency",
      [
        line("p50", data.p50, "p50", latency),
        line("p95", data.p95, "p95", { ...latency, borderDash: [8, 3] }),
        line("p99", data.p99, "p99", { ...latency, borderDash: [2, 3] }),
      ],
      { y: axis("", duration) },
    ),
    draw(
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
    draw(
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
      draw(
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

  /* Zoom: all charts over time show the same stretch. */
  const SHORTEST = Math.min(end, 4 * data.every);
  const reset = document.getElementById("reset-zoom");
  const view = { from: 0, to: end };

  function show(from, to) {
    const length = Math.min(end, Math.max(SHORTEST, to - from));
    view.from = Math.min(Math.max(0, from), end - length);
    view.to = view.from + length;
    reset.disabled = length === end;
    for (const chart of charts) {
      chart.options.scales.x.min = view.from;
      chart.options.scales.x.max = view.to;
      chart.update("none");
    }
  }
  const showAll = () => show(0, end);
  reset.addEventListener("click", showAll);

  const zoom = (factor) => {
    const middle = (view.from + view.to) / 2;
    const half = ((view.to - view.from) * factor) / 2;
    show(middle - half, middle + half);
  };
  const move = (share) => {
    const step = (view.to - view.from) * share;
    show(view.from + step, view.to + step);
  };
  const KEYS = {
    "+": () => zoom(0.5),
    "=": () => zoom(0.5),
    "-": () => zoom(2),
    ArrowLeft: () => move(-0.25),
    ArrowRight: () => move(0.25),
    Escape: showAll,
    0: showAll,
  };

  for (const chart of charts) {
    const plot = chart.canvas.parentElement;
    const selection = document.createElement("div");
    selection.className = "selection";
    plot.append(selection);
    let start = null;
    const within = (event) => {
      const { left } = chart.canvas.getBoundingClientRect();
      return Math.min(chart.chartArea.right, Math.max(chart.chartArea.left, event.clientX - left));
    };
    const stop = () => {
      start = null;
      selection.style.display = "none";
    };
    plot.addEventListener("keydown", (event) => {
      const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    });
    plot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      start = within(event);
      plot.setPointerCapture(event.pointerId);
    });
    plot.addEventListener("pointermove", (event) => {
      if (start === null) return;
      const now = within(event);
      const { top, height } = chart.chartArea;
      Object.assign(selection.style, {
        display: "block",
        top: `${top}px`,
        height: `${height}px`,
        left: `${Math.min(start, now)}px`,
        width: `${Math.abs(now - start)}px`,
      });
    });
    plot.addEventListener("pointerup", (event) => {
      if (start === null) return;
      const ends = [start, within(event)].sort((a, b) => a - b);
      stop();
      if (ends[1] - ends[0] < 8) return;
      show(...ends.map((pixel) => chart.scales.x.getValueForPixel(pixel)));
    });
    plot.addEventListener("pointercancel", stop);
  }

  /* The distribution: bars of equal ratio on a log axis, the percentiles as lines. */
  const { perDecade, parts } = data.distribution;
  const edge = (bin) => 10 ** (bin / perDecade);
  let part = parts[0];

  const marks = {
    id: "marks",
    afterDatasetsDraw({ ctx, chartArea, scales }) {
      ctx.save();
      ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
      ctx.textBaseline = "bottom";
      ctx.lineWidth = 2;
      let free = chartArea.left;
      for (const { name, ms } of part.marks) {
        if (ms === null || ms <= 0) continue;
        const x = scales.x.getPixelForValue(ms);
        ctx.strokeStyle = ctx.fillStyle = color(name);
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
        const { width } = ctx.measureText(name);
        const at = Math.max(free, x - width / 2);
        ctx.fillText(name, at, chartArea.top - 3);
        free = at + width + 8;
      }
      ctx.restore();
    },
  };

  /** Each bin as a step from its edge to the next. */
  const steps = () => [
    ...part.bins.map((count, i) => ({ x: edge(part.first + i), y: count })),
    { x: edge(part.first + part.bins.length), y: 0 },
  ];
  const told = () =>
    part.count === 0
      ? "No call ended."
      : `${part.name}: ${part.count.toLocaleString("en")} calls, ${part.marks.map(({ name, ms }) => `${name} ${duration(ms)}`).join(", ")}`;

  const distribution = new Chart(document.getElementById("distribution-chart"), {
    type: "line",
    data: {
      datasets: [
        { label: "calls", data: [], colorName: "p50", borderWidth: 1, stepped: "before", fill: true, pointRadius: 0 },
      ],
    },
    plugins: [marks],
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      layout: { padding: { top: 18, right: 32 } },
      scales: {
        x: {
          type: "logarithmic",
          ticks: {
            callback: logTick,
            maxRotation: 0,
            autoSkipPadding: 16,
          },
        },
        y: axis("calls", number),
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            title: ([{ parsed }]) => `${duration(parsed.x)} to ${duration(parsed.x * edge(1))}`,
            label: ({ parsed }) => `${parsed.y.toLocaleString("en")} calls`,
          },
        },
      },
    },
  });

  function showDistribution() {
    distribution.data.datasets[0].data = part.count === 0 ? [] : steps();
    distribution.options.scales.x.min = edge(part.first - 1);
    distribution.options.scales.x.max = edge(part.first + part.bins.length + 1);
    document.getElementById("distribution-text").textContent = told();
    distribution.update("none");
  }
  document.getElementById("distribution-of").addEventListener("change", (event) => {
    part = parts[Number(event.target.value)];
    showDistribution();
  });

  function paint() {
    for (const chart of [...charts, distribution]) {
      for (const dataset of chart.data.datasets) {
        dataset.borderColor = dataset.pointBackgroundColor = dataset.pointBorderColor = color(dataset.colorName);
        dataset.backgroundColor = `${color(dataset.colorName)}33`;
      }
      for (const scale of Object.values(chart.options.scales)) {
        scale.ticks.color = color("soft");
        if (scale.title) scale.title.color = color("soft");
        scale.grid = { ...scale.grid, color: color("line") };
      }
      chart.update("none");
    }
  }

  showDistribution();
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  /* Paper is white. */
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    paint();
    for (const chart of [...charts, distribution]) chart.resize();
  });
  addEventListener("afterprint", () => {
    delete root.dataset.theme;
    paint();
  });
})();
