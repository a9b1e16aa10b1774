// Reads the API's description and makes a form of every operation. What is typed stays on this page.

const place = document.getElementById("operations");
const token = document.getElementById("token");
const words = place.dataset;

const make = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};

const whole = (description, schema) => {
  let found = schema ?? {};
  while (found.$ref) found = found.$ref.split("/").slice(1).reduce((part, key) => part[key], description);
  return found;
};

const kindOf = (schema) => [].concat(schema.type ?? "string").find((kind) => kind !== "null");

function exampleOf(description, schema) {
  const shape = whole(description, schema);
  if (shape.example !== undefined) return shape.example;
  if (shape.enum) return shape.enum[0];
  if (shape.default !== undefined && shape.default !== null) return shape.default;
  const kind = kindOf(shape);
  if (kind === "integer" || kind === "number") return shape.minimum ?? 1;
  if (kind === "boolean") return false;
  if (kind === "array") return [];
  if (!shape.properties) return kind === "object" ? {} : "";
  const needed = shape.required ?? [];
  const names = Object.keys(shape.properties).filter((name) => needed.includes(name));
  return Object.fromEntries(names.map((name) => [name, exampleOf(description, shape.properties[name])]));
}

function bodyOf(description, operation) {
  const content = operation.requestBody?.content;
  if (!content) return null;
  const kind = Object.keys(content)[0];
  const example = content[kind].example ?? exampleOf(description, content[kind].schema);
  const field = make("textarea", { name: "body", value: JSON.stringify(example, null, 2), spellcheck: false });
  return { kind, field };
}

function parameterField(description, parameter) {
  const field = make("input", { name: parameter.name, required: parameter.required ?? false, autocomplete: "off" });
  const about = parameter.description ?? whole(description, parameter.schema).description ?? "";
  const name = make("span", {}, `${parameter.name}${parameter.required ? " *" : ""}`, make("small", {}, about));
  return { parameter, field, label: make("label", {}, name, field) };
}

async function send(method, path, fields, body, form, outcome) {
  let address = path;
  const query = new URLSearchParams();
  const headers = new Headers();
  for (const { parameter, field } of fields) {
    if (!field.value) continue;
    if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(field.value));
    else if (parameter.in === "header") headers.set(parameter.name, field.value);
    else query.set(parameter.name, field.value);
  }
  if (token.value) headers.set("Authorization", `Bearer ${token.value}`);
  if (body?.field.value) headers.set("Content-Type", body.kind);
  outcome.textContent = "…";
  try {
    const text = query.size ? `${address}?${query}` : address;
    const answer = await fetch(text, { method, headers, body: body?.field.value || undefined });
    outcome.textContent = await shown(answer, `${method} ${text}`);
  } catch {
    outcome.textContent = words.failed;
  }
}

async function shown(answer, line) {
  const text = await answer.text();
  const told = ["ETag", "Location", "Retry-After", "Allow"].filter((name) => answer.headers.has(name));
  const head = [line, `${answer.status} ${answer.statusText}`, ...told.map((name) => `${name}: ${answer.headers.get(name)}`)];
  let body = text;
  try {
    body = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    body = text;
  }
  return `${head.join("\n")}\n\n${body}`;
}

function operationForm(description, method, path, operation, common) {
  const fields = [...common, ...(operation.parameters ?? [])]
    .map((parameter) => whole(description, parameter))
    .map((parameter) => parameterField(description, parameter));
  const body = bodyOf(description, operation);
  const outcome = make("pre", { hidden: true });
  const form = make("form", {}, ...fields.map((field) => field.label));
  if (body) form.append(make("label", {}, make("span", {}, words.body), body.field));
  form.append(make("div", {}, make("button", { className: "btn btn-primary", type: "submit" }, words.send)), outcome);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    outcome.hidden = false;
    send(method, path, fields, body, form, outcome);
  });
  return form;
}

function operationNode(description, method, path, operation, common) {
  const summary = make(
    "summary",
    {},
    make("span", { className: `method ${method}` }, method),
    make("code", {}, path),
    make("span", { className: "quiet" }, operation.summary ?? ""),
  );
  const node = make("details", {}, summary);
  // A form is made when it is opened first: there are many.
  const fill = () => node.append(operationForm(description, method, path, operation, common));
  node.addEventListener("toggle", fill, { once: true });
  return node;
}

function show(description) {
  const sections = new Map((description.tags ?? []).map((tag) => [tag.name, make("section", {}, make("h2", {}, tag.name))]));
  for (const tag of description.tags ?? []) {
    sections.get(tag.name).append(make("p", { className: "quiet" }, tag.description ?? ""));
  }
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      const operation = item[method];
      if (!operation) continue;
      const node = operationNode(description, method.toUpperCase(), path, operation, item.parameters ?? []);
      sections.get(operation.tags?.[0])?.append(node);
    }
  }
  place.replaceChildren(...sections.values());
}

fetch(words.description)
  .then((answer) => answer.json())
  .then(show, () => {
    place.textContent = words.failed;
  });
