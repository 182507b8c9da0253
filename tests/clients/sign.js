// Signs the text on standard input as GitHub does, by Octokit's own library; the first argument is the secret.
import { readFileSync } from "node:fs";
import { sign } from "@octokit/webhooks-methods";

process.stdout.write(await sign(process.argv[2], readFileSync(0, "utf8")));
