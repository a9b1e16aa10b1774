/* Takes out of the styles of Tabler what no page uses, and compresses every static file. `tools/vendor.py` runs it. */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require("node:fs");
const { extname, join, relative, sep } = require("node:path");
const zlib = require("node:zlib");
const { PurgeCSS } = require("purgecss");

const STATIC = "incident/web/static";
const STYLES = `${STATIC}/vendor/tabler.min.css`;
const OWN_STYLES = `${STATIC}/css/incident.css`;
const COMPRESSED = `${STATIC}/vendor/compressed`;
const READERS = [`incident/web/templates`, `${STATIC}/js`];
const KINDS = new Set([".css", ".js", ".svg"]);
const CUT = "/*! what follows is ours */";
const SHOWN = /\b(?:_|N_|ngettext)\(\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g;
const QUOTED = /"([^"]*)"|'([^']*)'|`([^`]*)`/g;

function filesIn(folder, kinds) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((file) => file.isFile() && kinds.has(extname(file.name)))
    .map((file) => join(file.parentPath ?? file.path, file.name))
    .sort();
}

/* Names of classes stand in quotes, in templates and in scripts; sentences for people are left out. */
function namesIn(text) {
  const code = text.replace(SHOWN, " ");
  const names = new Set([...code.matchAll(/<([a-z][a-z0-9]*)/g)].map((match) => match[1]));
  for (const match of code.matchAll(QUOTED)) {
    for (const name of (match[1] ?? match[2] ?? match[3]).match(/[\w-]+/g) ?? []) names.add(name);
  }
  return [...names];
}

async function purge() {
  const raw = readFileSync(STYLES, "utf8") + CUT + readFileSync(OWN_STYLES, "utf8");
  const content = READERS.flatMap((folder) => filesIn(folder, new Set([".html", ".js"])));
  const [found] = await new PurgeCSS().purge({
    css: [{ raw }],
    content: [...content, { raw: "<html <body", extension: "html" }],
    defaultExtractor: namesIn,
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  writeFileSync(STYLES, found.css.split(CUT)[0]);
}

/* A compressed file is named by the content that it was made of: of a file that was changed since, none is found. */
function compress() {
  rmSync(COMPRESSED, { recursive: true, force: true });
  mkdirSync(COMPRESSED);
  for (const file of filesIn(STATIC, KINDS)) {
    if (relative(COMPRESSED, file).split(sep)[0] !== "..") continue;
    const content = readFileSync(file);
    const mark = createHash("sha256").update(content).digest("hex").slice(0, 10);
    writeFileSync(join(COMPRESSED, `${mark}.br`), zlib.brotliCompressSync(content));
    writeFileSync(join(COMPRESSED, `${mark}.gz`), zlib.gzipSync(content, { level: 9 }));
  }
}

purge().then(compress);
