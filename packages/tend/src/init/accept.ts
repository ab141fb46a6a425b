import { ConfigFailure } from "../config/failure.ts";
import { parseFleet } from "../config/parse-fleet.ts";
import { oneLine } from "./names.ts";
import type { Proposal, ProposedApp } from "./proposal.ts";
import { writeDeclaration } from "./write.ts";

export interface Accepted {
  readonly text: string;
  readonly proposal: Proposal;
}

/**
 * What is written is what `tend check` accepts: the text is read as a declaration before anybody sees it. What would be
 * refused – a name that tend can't take, two apps that claim one thing – is left out, and said.
 */
export function accepted(proposal: Proposal, head: string, file: string): Accepted {
  const whole = writeDeclaration(proposal, head);
  if (refusal(whole, file) === undefined) return { text: whole, proposal };
  let kept: Proposal = { ...proposal, apps: [] };
  const bare = refusal(writeDeclaration(kept, head), file);
  if (bare !== undefined) kept = { ...kept, proxies: {}, left: [...kept.left, oneLine(`the proxies: ${bare}`)] };
  for (const app of proposal.apps) kept = withApp(kept, app, head, file);
  return { text: writeDeclaration(kept, head), proposal: kept };
}

/** The app as far as it is accepted: without the part that is refused, or not at all. */
function withApp(proposal: Proposal, app: ProposedApp, head: string, file: string): Proposal {
  const adding = (one: ProposedApp): Proposal => ({ ...proposal, apps: [...proposal.apps, one] });
  const why = refusal(writeDeclaration(adding(app), head), file);
  if (why === undefined) return adding(app);
  for (const part of ["files", "databases", "source"]) {
    const { [part]: refused, ...value } = app.value;
    if (refused === undefined) continue;
    const less = {
      ...app,
      value,
      guesses: app.guesses.filter(({ path }) => path[0] !== part),
      left: [...app.left, `${part}: ${why}`],
    };
    if (refusal(writeDeclaration(adding(less), head), file) === undefined) return adding(less);
  }
  return { ...proposal, left: [...proposal.left, oneLine(`the app ${app.name}: ${why}`)] };
}

function refusal(text: string, file: string): string | undefined {
  try {
    parseFleet(text, file);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigFailure)) throw error;
    const [first] = error.problems;
    return [first?.title, first?.hint].filter(Boolean).join("; ") || "refused";
  }
}
