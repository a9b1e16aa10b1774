/* Draws a playbook: steps as boxes, ways as lines, laid out by dagre. The list beside it says the same in words. */
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 36;
const DOT = 14;
const SMALLEST = 0.72; // the scale at which its words are still read
const LARGEST = 1.2;
const MOST = 2.5;

const sizes = new ResizeObserver((changes) => {
  for (const { target, contentRect } of changes) {
    const width = Math.round(contentRect.width);
    if (!target.whole || !width || target.wide === width) continue;
    const isFirst = target.wide === undefined;
    target.wide = width;
    if (isFirst) continue;
    if (target.isMoved) show(target);
    else redraw(target);
  }
});

const canvas = document.createElement("canvas").getContext("2d");
canvas.font = "13px system-ui, sans-serif";

function make(name, attributes, parent, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  parent?.append(element);
  return element;
}

function cut(text, most = 30) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

function layOut(picture, way) {
  const graph = new dagre.Graph({ multigraph: true });
  graph.setGraph({ ...way, nodesep: 24, ranksep: 32, marginx: 8, marginy: 8 });
  for (const node of picture.nodes) {
    const width = node.name ? Math.ceil(canvas.measureText(cut(node.name)).width) + 28 : DOT;
    graph.setNode(node.id, { width, height: node.name ? HEIGHT : DOT });
  }
  picture.ways.forEach((way, index) => {
    const width = way.label ? Math.ceil(canvas.measureText(way.label).width) + 8 : 0;
    graph.setEdge(way.from, way.to, { width, height: way.label ? 16 : 0, labelpos: "c" }, String(index));
  });
  dagre.layout(graph);
  return graph;
}

/* From top to bottom or from left to right: where all of it can be read at once, the larger; else the one that shows more steps. */
function laidOut(element, picture) {
  const space = room(element);
  const ways = element.way ? [element.way] : ["TB", "LR"].flatMap((rankdir) => [undefined, "UL"].map((align) => ({ rankdir, align })));
  const opened = ways.map((way) => {
    const graph = layOut(picture, way);
    return { way, graph, ...opening(graph, picture, space) };
  });
  return opened.reduce((best, one) => (one.seen > best.seen || (one.seen === best.seen && one.scale > best.scale) ? one : best));
}

/* The view to begin with: all of it where its words can be read then, else what matters first with most of the steps around it. */
function opening(graph, picture, space) {
  const whole = graph.graph();
  const fit = Math.min(space.width / whole.width, space.height / whole.height);
  const named = picture.nodes.filter((node) => node.name).map((node) => graph.node(node.id));
  if (fit >= SMALLEST) {
    return { at: { x: whole.width / 2, y: whole.height / 2 }, scale: Math.min(fit, LARGEST), seen: named.length };
  }
  const [width, height] = [space.width / SMALLEST, space.height / SMALLEST];
  const first = firstOf(picture, graph);
  const within = (at, size, length) => (size >= length ? length / 2 : Math.max(size / 2, Math.min(at, length - size / 2)));
  const isSeen = (at, place) =>
    Math.abs(place.x - at.x) <= (width - (place.width ?? 0)) / 2 && Math.abs(place.y - at.y) <= (height - (place.height ?? 0)) / 2;
  const tried = [first, ...named].flatMap((one) => [
    { x: within(one.x, width, whole.width), y: within(one.y, height, whole.height) },
    { x: within(one.x + width / 2 - 90, width, whole.width), y: within(one.y, height, whole.height) },
    { x: within(one.x, width, whole.width), y: within(one.y + height / 2 - 30, height, whole.height) },
  ]);
  const count = (at) => named.filter((place) => isSeen(at, place)).length;
  const good = tried.filter((at) => isSeen(at, first));
  return good.reduce(
    (best, at) => (count(at) > best.seen ? { at, scale: SMALLEST, seen: count(at) } : best),
    { at: first, scale: SMALLEST, seen: 0 },
  );
}

function drawWay(svg, way, line) {
  const points = line.points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`);
  make("path", { d: `M${points.join("L")}`, class: `way way-${way.kind}`, "marker-end": "url(#arrow)" }, svg);
  if (way.label) make("text", { x: line.x, y: line.y + 4, class: "way-label" }, svg, way.label);
}

function drawNode(svg, node, place) {
  const group = make("g", { class: `node node-${node.kind}` }, svg);
  if (!node.name) {
    make("circle", { cx: place.x, cy: place.y, r: DOT / 2, class: node.type }, group);
    return;
  }
  const [x, y] = [place.x - place.width / 2, place.y - place.height / 2];
  const round = node.type === "action" ? 6 : 18;
  make("rect", { x, y, width: place.width, height: place.height, rx: round }, group);
  make("text", { x: place.x, y: place.y + 5 }, group, cut(node.name));
  make("title", {}, group, `${node.name}: ${node.words}`);
}

function draw(element) {
  if (element.dataset.drawn === element.dataset.picture || !element.clientWidth) return;
  const picture = JSON.parse(element.dataset.picture);
  const { way, graph, at, scale } = laidOut(element, picture);
  const { width, height } = graph.graph();
  const svg = make("svg", { role: "img" });
  svg.setAttribute("aria-label", element.dataset.name);
  const marker = make("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, make("defs", {}, svg));
  make("path", { d: "M0 0L8 4L0 8z", class: "arrow" }, marker);
  picture.ways.forEach((way, index) => drawWay(svg, way, graph.edge(way.from, way.to, String(index))));
  picture.nodes.forEach((node) => drawNode(svg, node, graph.node(node.id)));
  element.replaceChildren(svg);
  const isSame = element.whole?.width === width && element.whole?.height === height;
  const isKept = isSame && element.isMoved;
  Object.assign(element, { way, whole: { width, height } });
  if (!isKept) Object.assign(element, { at, scale, isMoved: false });
  const natural = Math.max(96, Math.ceil(height * (isKept ? SMALLEST : scale)));
  svg.style.height = `${Math.min(room(element).height, natural)}px`;
  show(element);
  element.dataset.drawn = element.dataset.picture;
  element.closest(".graph-frame")?.querySelector(".graph-tools")?.removeAttribute("hidden");
  sizes.observe(element);
}

/* What a reader looks for first: the steps in progress, else where it starts. */
function firstOf(picture, graph) {
  const live = picture.nodes.filter((node) => node.kind === "live" && node.name);
  const found = live.length ? live : picture.nodes.filter((node) => node.type === "start");
  const places = (found.length ? found : picture.nodes.slice(0, 1)).map((node) => graph.node(node.id));
  const middle = (name) => places.reduce((sum, place) => sum + place[name], 0) / (places.length || 1);
  return { x: middle("x"), y: middle("y") };
}

/* The space there is: the width of the frame, and the greatest height that it may take. */
function room(element) {
  const style = getComputedStyle(element);
  const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
  return { width: element.clientWidth - padding, height: (parseFloat(style.maxHeight) || 416) - padding };
}

function fit(element) {
  const { whole, firstChild: svg } = element;
  element.isMoved = true;
  element.scale = Math.min(svg.clientWidth / whole.width, svg.clientHeight / whole.height, LARGEST);
  element.at = { x: whole.width / 2, y: whole.height / 2 };
  show(element);
}

/* Shows what lies around `at`; nothing outside the picture, which is in the middle where it is smaller than the frame. */
function show(element) {
  const { whole, scale, firstChild: svg } = element;
  const [width, height] = [svg.clientWidth / scale, svg.clientHeight / scale];
  const within = (at, size, all) => (size >= all ? all / 2 : Math.max(size / 2, Math.min(at, all - size / 2)));
  element.at = { x: within(element.at.x, width, whole.width), y: within(element.at.y, height, whole.height) };
  const box = [element.at.x - width / 2, element.at.y - height / 2, width, height];
  svg.setAttribute("viewBox", box.map((one) => one.toFixed(1)).join(" "));
  element.classList.toggle("is-wide", width < whole.width - 1);
  element.classList.toggle("is-high", height < whole.height - 1);
}

/* Zooms around a point of the picture, which stays where it is. */
function zoom(element, factor, point = element.at) {
  const { whole, firstChild: svg } = element;
  const least = Math.min(svg.clientWidth / whole.width, svg.clientHeight / whole.height, SMALLEST);
  const scale = Math.max(least, Math.min(MOST, element.scale * factor));
  const by = element.scale / scale;
  element.at = { x: point.x + (element.at.x - point.x) * by, y: point.y + (element.at.y - point.y) * by };
  element.scale = scale;
  element.isMoved = true;
  show(element);
}

function pan(element, x, y) {
  element.at = { x: element.at.x + x / element.scale, y: element.at.y + y / element.scale };
  element.isMoved = true;
  show(element);
}

const KEYS = {
  "+": (element) => zoom(element, 1.4),
  "=": (element) => zoom(element, 1.4),
  "-": (element) => zoom(element, 1 / 1.4),
  0: fit,
  ArrowLeft: (element) => pan(element, -element.clientWidth / 8, 0),
  ArrowRight: (element) => pan(element, element.clientWidth / 8, 0),
  ArrowUp: (element) => pan(element, 0, -element.clientHeight / 8),
  ArrowDown: (element) => pan(element, 0, element.clientHeight / 8),
};
const ZOOMS = { in: KEYS["+"], out: KEYS["-"], fit };

document.addEventListener("keydown", (key) => {
  const act = key.target.matches?.(".graph") && key.target.whole && KEYS[key.key];
  if (!act || key.ctrlKey || key.metaKey) return;
  key.preventDefault();
  act(key.target);
});

document.addEventListener("click", (click) => {
  const button = click.target.closest("[data-zoom]");
  const element = button?.closest(".graph-frame").querySelector(".graph");
  if (element?.whole) ZOOMS[button.dataset.zoom](element);
});

/* Ctrl and the wheel, or two fingers on a touchpad, zoom; the wheel alone moves the page. */
document.addEventListener(
  "wheel",
  (wheel) => {
    const element = wheel.ctrlKey && wheel.target.closest?.(".graph");
    if (!element?.whole) return;
    wheel.preventDefault();
    zoom(element, Math.exp(-wheel.deltaY / 200), pointOf(element, wheel.clientX, wheel.clientY));
  },
  { passive: false },
);

function pointOf(element, x, y) {
  const box = element.firstChild.getBoundingClientRect();
  const away = { x: x - box.x - box.width / 2, y: y - box.y - box.height / 2 };
  return { x: element.at.x + away.x / element.scale, y: element.at.y + away.y / element.scale };
}

/* One finger or the mouse moves the picture, two fingers zoom it. */
const held = new Map();
document.addEventListener("pointerdown", (pointer) => {
  const element = pointer.target.closest?.(".graph");
  if (!element?.whole || pointer.button > 0) return;
  held.set(pointer.pointerId, { element, x: pointer.clientX, y: pointer.clientY });
});
document.addEventListener("pointermove", (pointer) => {
  const one = held.get(pointer.pointerId);
  if (!one) return;
  const other = [...held.entries()].find(([id, its]) => id !== pointer.pointerId && its.element === one.element)?.[1];
  if (other) {
    const far = (x, y) => Math.hypot(x - other.x, y - other.y) || 1;
    const middle = pointOf(one.element, (pointer.clientX + other.x) / 2, (pointer.clientY + other.y) / 2);
    zoom(one.element, far(pointer.clientX, pointer.clientY) / far(one.x, one.y), middle);
  } else if (one.element.matches(".is-wide, .is-high")) {
    pan(one.element, one.x - pointer.clientX, one.y - pointer.clientY);
  }
  Object.assign(one, { x: pointer.clientX, y: pointer.clientY });
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, (pointer) => held.delete(pointer.pointerId));

function redraw(element) {
  delete element.dataset.drawn;
  delete element.way;
  draw(element);
}

function drawOpen() {
  document.querySelectorAll("details[open] .graph[data-picture]").forEach(draw);
}

document.addEventListener("toggle", drawOpen, true);
document.addEventListener("htmx:after:swap", drawOpen);
drawOpen();
