// Vendors' packages from npm.
import { createPublicKey } from "node:crypto";
import https from "node:https";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { signRequest as signForContentful } from "@contentful/node-apps-toolkit";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import Mux from "@mux/mux-node";
import { signWebhookPayload as signForNotion } from "@notionhq/client";
import { sign as signForGithub } from "@octokit/webhooks-methods";
import { encodeSignatureHeader as signForSanity } from "@sanity/webhook";
import webflow from "webflow-api";
import { makes, signs, verifies } from "./frame.mjs";

const require = createRequire(import.meta.url);
const examples = require("@octokit/webhooks-examples");
// The package keeps what signs among its own tests, where no import leads.
const inPackage = (path) => require(fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url)));
const { getHmac } = inPackage("@shopify/shopify-api/dist/cjs/test-helpers/get-hmac.js");

verifies("aws-sns", "npm sns-validator", ({ text, secrets }) => {
  // It keeps what it has fetched: read anew, it has fetched nothing.
  delete require.cache[require.resolve("sns-validator")];
  const SnsValidator = require("sns-validator");
  https.get = (address, answer) => {
    const pem = createPublicKey(secrets[address]).export({ type: "spki", format: "pem" });
    answer(Object.assign(Readable.from([pem]), { statusCode: 200 }));
    return { on: () => {} };
  };
  return promisify((done) => new SnsValidator().validate(text, done))();
});

signs("contentful", "npm @contentful/node-apps-toolkit", ({ secret, method, url, headers, text, time }) => {
  const { pathname, search } = new URL(url);
  return signForContentful(secret, { method, path: pathname + search, headers, body: text }, time * 1000);
});

const github = async (secret, text) => ({ "X-Hub-Signature-256": await signForGithub(secret, text) });

signs("github", "npm @octokit/webhooks-methods", ({ secret, text }) => github(secret, text));

makes("github", "npm @octokit/webhooks-examples", ({ secret }) => {
  const events = examples.flatMap(({ name, examples: bodies }) => bodies.map((body) => ({ name, body })));
  return Promise.all(
    events.map(async ({ name, body }, number) => {
      const text = JSON.stringify(body);
      const id = `72d3162e-cc78-11e3-81ab-${String(number).padStart(12, "0")}`;
      const headers = { "X-GitHub-Event": name, "X-GitHub-Delivery": id, ...(await github(secret, text)) };
      return { request: { headers, body: text }, types: [`github.${name}`], id };
    }),
  );
});

verifies("linear", "npm @linear/sdk", ({ secret, body, headers }) =>
  new LinearWebhookClient(secret).verify(body, headers["linear-signature"]),
);

verifies("mux", "npm @mux/mux-node", ({ secret, text, headers }) => {
  const mux = new Mux({ tokenId: "none", tokenSecret: "none" });
  return mux.webhooks.verifySignature(text, headers, secret);
});

signs("notion", "npm @notionhq/client", async ({ secret, text }) => ({
  "X-Notion-Signature": await signForNotion({ body: text, verificationToken: secret }),
}));

signs("sanity", "npm @sanity/webhook", async ({ secret, text, time }) => ({
  "Sanity-Webhook-Signature": await signForSanity(text, time * 1000, secret),
}));

signs("shopify", "npm @shopify/shopify-api", ({ secret, text }) => ({ "X-Shopify-Hmac-Sha256": getHmac(text, secret) }));

verifies("webflow", "npm webflow-api", ({ secret, text, headers }) => {
  const { webhooks } = new webflow.WebflowClient({ accessToken: "none" });
  return webhooks.verifySignature({ headers, body: text, secret });
});
