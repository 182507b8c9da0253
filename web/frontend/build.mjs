// Bundles the front end into ../static under names that change with what is in them, and writes in manifest.json
// which name is whose. `python3 dev.py run` calls this; by hand: `npm run build`.

import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCES = fileURLToPath(new URL(".", import.meta.url));
const STATIC = join(SOURCES, "../static");
const MANIFEST = "manifest.json";

const { metafile } = await build({
  absWorkingDir: SOURCES,
  entryPoints: ["js/app.js", "js/editor/editor.js", "css/app.css", "images/icons.svg", "images/mark.svg"],
  entryNames: "[name]-[hash]",
  outdir: STATIC,
  bundle: true,
  minify: true,
  format: "esm",
  charset: "utf8",
  // The first browsers that know light-dark(): what they know as well, as nesting, is left as it is written.
  target: ["chrome123", "edge123", "firefox128", "safari17.5"],
  loader: { ".svg": "copy" },
  metafile: true,
  logLevel: "warning",
});

const names = Object.fromEntries(
  Object.entries(metafile.outputs).map(([output, { entryPoint, inputs }]) => [
    basename(entryPoint ?? Object.keys(inputs)[0]),
    basename(output),
  ]),
);

// The manifest comes last, and whole: who reads it finds every file that it names.
await mkdir(STATIC, { recursive: true });
await writeFile(join(STATIC, `${MANIFEST}.new`), `${JSON.stringify(names, null, 2)}\n`);
await rename(join(STATIC, `${MANIFEST}.new`), join(STATIC, MANIFEST));

const kept = new Set([MANIFEST, ...Object.values(names)]);
const old = (await readdir(STATIC)).filter((name) => !kept.has(name));
await Promise.all(old.map((name) => rm(join(STATIC, name))));
