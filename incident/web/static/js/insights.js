/* Draws the charts of insights from their tables. What it draws is hidden from screen readers, which have the tables. */
const { uPlot } = window;
const root = document.documentElement;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 7776000, 31536000];
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const LINE = 26;
const MOST_NAME = 150;
const DAYS = 31;
const BARS = 15; // longer tables are drawn in part, as the page says

const inUnit = (unit) => new Intl.NumberFormat(root.lang, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 });
const formats = new Map(UNITS.map(([unit]) => [unit, inUnit(unit)]));
const plain = new Intl.NumberFormat(root.lang, { maximumFractionDigits: 0 });

function words(value, unit) {
  if (unit !== "time") return plain.format(value);
  const [name, size] = UNITS.find(([, least]) => value >= least) ?? UNITS[3];
  return formats.get(name).format(value / size);
}

const rowsOf = (table, most) => [...table.tBodies[0].rows].slice(0, most);

/* The columns of a table by the chart that shows them. */
function chartsOf(table, most) {
  const found = new Map();
  [...table.tHead.rows[0].cells].forEach((cell, place) => {
    const { group, series, unit } = cell.dataset;
    if (group === undefined) return;
    if (!found.has(group)) found.set(group, { title: group, unit, series: [] });
    const values = rowsOf(table, most).map((row) => row.cells[place].dataset.value);
    found.get(group).series.push({ name: series, values: values.map((value) => (value === undefined ? null : Number(value))) });
  });
  return [...found.values()].filter((one) => one.series.some((it) => it.values.some(Boolean)));
}

function made(name, kind, text = "") {
  const one = document.createElement(name);
  if (kind) one.className = kind;
  one.textContent = text;
  return one;
}

/* The heading of a chart, with the key of its series; returns their colours as the style sheet has them. */
function heading(chart, series) {
  const line = made("div", "chart-title", chart.title);
  const keys = series.map((one, place) => {
    const key = made("span", "chart-key");
    const swatch = made("i", `series-${place + 1}`);
    key.append(swatch, one.name);
    key.hidden = series.length < 2;
    line.append(key);
    return swatch;
  });
  return [line, () => keys.map((one) => getComputedStyle(one).color)];
}

function fitting(text, context, width) {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}

/* How much room a name below a chart takes. */
function widest(labels, font) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = font;
  return Math.max(...labels.map((text) => context.measureText(text).width)) + 14;
}

function options(kind, chart, labels, width, colours) {
  const style = getComputedStyle(document.body);
  const [ink, font] = [style.color, `12px ${style.fontFamily}`];
  const line = getComputedStyle(document.querySelector(".panel")).borderTopColor;
  const isBars = kind === "bars";
  const most = Math.max(...chart.series.flatMap((one) => one.values.map(Number)));
  const count = labels.length;
  const pair = chart.series.length > 1 && kind !== "lines";
  const bars = (place) => uPlot.paths.bars({ size: [pair ? 0.38 : 0.7, 40], align: pair ? (place ? 1 : -1) : 0 });
  const every = Math.max(1, Math.ceil((count * widest(labels, font)) / (width - 94)));
  const nameWidth = Math.min(MOST_NAME, width * 0.4);
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const names = {
    ...axis,
    grid: { show: false },
    side: isBars ? 3 : 2,
    size: isBars ? nameWidth : 30,
    splits: () => labels.map((_, place) => place).filter((place) => isBars || place % every === 0),
    values: (plot, places) => places.map((place) => fitting(labels[place], Object.assign(plot.ctx, { font: `${12 * devicePixelRatio}px ${style.fontFamily}` }), (nameWidth - 12) * (isBars ? devicePixelRatio : 99))),
  };
  const amounts = {
    ...axis,
    scale: "y",
    side: isBars ? 2 : 3,
    size: isBars ? 30 : 64,
    space: isBars ? 70 : 30,
    incrs: chart.unit === "time" ? STEPS : [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6],
    values: (_plot, values) => values.map((value) => words(value, chart.unit)),
  };
  return {
    width,
    height: isBars ? count * LINE * (pair ? 1.4 : 1) + 40 : 170,
    cursor: { show: false },
    legend: { show: false },
    padding: [8, isBars ? 14 : 30, 0, 0],
    scales: {
      x: { time: false, range: [-0.5, count - 0.5], ori: isBars ? 1 : 0, dir: isBars ? -1 : 1 },
      y: { range: [0, most * 1.08], ori: isBars ? 0 : 1, dir: 1 },
    },
    axes: [names, amounts],
    series: [{}, ...chart.series.map((one, place) => ({
      label: one.name,
      stroke: colours[place],
      fill: kind === "lines" ? undefined : colours[place],
      width: kind === "lines" ? 2 : 0,
      spanGaps: false,
      points: { show: kind === "lines", size: 6, fill: colours[place] },
      paths: kind === "lines" ? undefined : bars(place),
    }))],
  };
}

function draw(place) {
  const table = document.getElementById(place.dataset.of);
  const most = place.dataset.chart === "bars" ? BARS : DAYS;
  const labels = rowsOf(table, most).map((row) => row.cells[0].dataset.label);
  const charts = chartsOf(table, most);
  place.replaceChildren();
  place.hidden = !charts.length;
  const boxes = charts.map((chart) => {
    const box = made("figure", "chart");
    const [line, colours] = heading(chart, chart.series);
    box.append(line);
    place.append(box);
    return [chart, box, colours];
  });
  const at = labels.map((_, number) => number);
  for (const [chart, box, colours] of boxes) {
    const shown = options(place.dataset.chart, chart, labels, box.clientWidth, colours());
    new uPlot(shown, [at, ...chart.series.map((one) => one.values)], box);
  }
}

const places = [...document.querySelectorAll("[data-chart]")];
const drawAll = () => places.forEach(draw);
let width = 0;
let waiting = 0;
const redraw = () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(drawAll);
};
if (uPlot) {
  new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - width) < 2) return;
    width = entry.contentRect.width;
    redraw();
  }).observe(document.querySelector("main"));
  new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
}
