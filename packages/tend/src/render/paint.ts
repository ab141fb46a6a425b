import { styleText } from "node:util";

export type Colour = "red" | "green" | "yellow" | "dim" | "bold" | "cyan";
export type Paint = (colour: Colour, text: string) => string;

/** Colours where they are wanted: on a terminal, unless NO_COLOR is set; or where FORCE_COLOR asks for them. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  const forced = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0";
  const wanted = forced || (stream.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb");
  return wanted ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_, text) => text;
}

export const plain: Paint = (_, text) => text;
