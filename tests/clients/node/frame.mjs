// What an entry is made with, and the loop that answers the tests: a line of JSON in, a line of JSON out.
import { createInterface } from "node:readline";

const entries = new Map();

const register = (kind) => (connector, packageName, entry) => {
  entries.set(`${kind} ${connector} ${packageName}`, entry);
};

// Each takes a connector, the package and a function of the request: {method, url, headers, body, text, time, secrets,
// secret, message}: the time in Unix seconds, the names of headers in lower case, message an id of its own.

// The function returns the headers to add, or {request} with what else it changed.
export const signs = register("signs");
// The function returns false, or throws, for a signed request that the package refuses.
export const verifies = register("verifies");
// The function returns whole requests: a list of {request, types, id}: the type of each event that it
// should become, and the id where there is one.
export const makes = register("makes");

export async function serve() {
  // What a package prints must not be taken for an answer.
  console.log = console.error;
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    process.stdout.write(JSON.stringify({ ...(await answer(asked)), number: asked.number }) + "\n");
  }
}

async function answer({ kind, connector, package: packageName, request }) {
  const body = Buffer.from(request.body, "base64");
  const secret = Object.values(request.secrets)[0];
  const read = { ...request, body, text: body.toString(), secret };
  try {
    const result = await entries.get(`${kind} ${connector} ${packageName}`)(read);
    if (kind === "verifies") return { ok: result !== false, why: `it answered ${result}` };
    if (kind === "makes") {
      return { ok: true, payloads: result.map((each) => ({ ...each, request: written(request, each.request) })) };
    }
    return { ok: true, request: written(request, result.request ?? { headers: result }) };
  } catch (error) {
    return { ok: false, why: String(error.stack) };
  }
}

function written(request, { headers = {}, body, url }) {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    ...request,
    url: url ?? request.url,
    headers: { ...request.headers, ...Object.fromEntries(named) },
    body: body === undefined ? request.body : Buffer.from(body).toString("base64"),
  };
}
