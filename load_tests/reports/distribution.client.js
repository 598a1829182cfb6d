/* The distribution of latencies: bars of equal ratio on a log axis, the percentiles as lines. */
(() => {
  const { data, color, number, duration, axis, font, draw } = globalThis.charts;

  /** Ticks of a log axis at 1, 2 and 5 of each decade. */
  const logTick = (ms) => {
    const lead = ms / 10 ** Math.floor(Math.log10(ms) + 1e-9);
    return [1, 2, 5].some((shown) => Math.abs(lead - shown) < 0.01) ? duration(ms) : null;
  };

  const { perDecade, parts } = data.distribution;
  const edge = (bin) => 10 ** (bin / perDecade);
  let part = parts[0];

  const marks = {
    id: "marks",
    afterDatasetsDraw({ ctx, chartArea, scales }) {
      ctx.save();
      ctx.font = font();
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

  const distribution = draw("distribution-chart", {
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

  showDistribution();
})();
