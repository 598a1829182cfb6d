/* What the charts of a page have in common: the words of their axes, and their colours. */
(() => {
  const root = document.documentElement;
  const drawn = [];
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

  const axis = (title, format, more = {}) => ({
    beginAtZero: true,
    title: { display: title !== "", text: title },
    ticks: { callback: format, maxTicksLimit: 6 },
    ...more,
  });

  function paint(chart) {
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
  const paintAll = () => drawn.forEach(paint);

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintAll);
  /* Paper is white. */
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    paintAll();
    for (const chart of drawn) chart.resize();
  });
  addEventListener("afterprint", () => {
    delete root.dataset.theme;
    paintAll();
  });

  globalThis.charts = {
    ...{ color, clock, number, duration, axis },
    data: JSON.parse(document.getElementById("chart-data").textContent),
    font: () => `12px ${getComputedStyle(document.body).fontFamily}`,
    /** A new chart, in the colours of the page from now on. */
    draw: (id, config) => {
      const chart = new Chart(document.getElementById(id), config);
      drawn.push(chart);
      paint(chart);
      return chart;
    },
  };
})();
