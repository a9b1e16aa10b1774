/* Draws a playbook: steps as boxes, ways as lines, laid out by dagre. The list beside it says the same in words. */
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 36;
const DOT = 14;

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

function layOut(picture) {
  const graph = new dagre.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 34, marginx: 8, marginy: 8 });
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
  if (element.dataset.drawn === element.dataset.picture) return;
  const picture = JSON.parse(element.dataset.picture);
  const graph = layOut(picture);
  const { width, height } = graph.graph();
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  svg.setAttribute("aria-label", element.dataset.name);
  const marker = make("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, make("defs", {}, svg));
  make("path", { d: "M0 0L8 4L0 8z", class: "arrow" }, marker);
  picture.ways.forEach((way, index) => drawWay(svg, way, graph.edge(way.from, way.to, String(index))));
  picture.nodes.forEach((node) => drawNode(svg, node, graph.node(node.id)));
  element.replaceChildren(svg);
  element.dataset.drawn = element.dataset.picture;
}

function drawOpen() {
  document.querySelectorAll("details[open] [data-picture]").forEach(draw);
}

document.addEventListener("toggle", drawOpen, true);
document.addEventListener("htmx:after:swap", drawOpen);
drawOpen();
