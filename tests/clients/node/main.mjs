// The clients in JavaScript: `node tests/clients/node/main.mjs` answers the tests on standard input and output.
import { serve } from "./frame.mjs";
import "./vendors.mjs";

await serve();
