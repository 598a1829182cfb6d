/* Zoom: all charts over time show the same stretch, which a key or a drawn frame chooses. */
(() => {
  const { data, overTime } = globalThis.charts;
  const end = Math.max(1, data.t.at(-1) ?? 1);
  const SHORTEST = Math.min(end, 4 * data.every);
  const reset = document.getElementById("reset-zoom");
  const view = { from: 0, to: end };

  function show(from, to) {
    const length = Math.min(end, Math.max(SHORTEST, to - from));
    view.from = Math.min(Math.max(0, from), end - length);
    view.to = view.from + length;
    reset.disabled = length === end;
    for (const chart of overTime) {
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

  for (const chart of overTime) {
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
})();
