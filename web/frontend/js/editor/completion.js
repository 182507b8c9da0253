// What can be written at the cursor: the server knows the keys, the actions, the schema and the steps.

import { placeOf } from "./places.js";

/** After these, there is something to choose from although nothing of it is written yet. */
const BEGINS = /(?:: |\[|, |\{\{ ?|\.)$/;

/** Return a source of completions that asks the address. */
export function complete(address) {
  return async (context) => {
    const { doc } = context.state;
    const before = doc.lineAt(context.pos).text.slice(0, context.pos - doc.lineAt(context.pos).from);
    if (!context.explicit && !/[\w.]$/.test(before) && !BEGINS.test(before)) return null;
    const found = await ask(context, address, { text: doc.toString(), ...placeOf(doc, context.pos) });
    if (!found?.options.length) return null;
    const follows = doc.sliceString(context.pos, context.pos + 1);
    return {
      from: context.pos - found.length,
      options: found.options.map((option, index) => ({
        ...option,
        apply: follows === ":" ? option.label : option.apply,
        sortText: String(index).padStart(4, "0"),
      })),
      validFor: /^[\w.[\]'-]*$/,
    };
  };
}

async function ask(context, address, fields) {
  const control = new AbortController();
  context.addEventListener("abort", () => control.abort(), { onDocChange: true });
  try {
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(fields), signal: control.signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // the text moved on, or there is no network: nobody is to be told
  }
}
