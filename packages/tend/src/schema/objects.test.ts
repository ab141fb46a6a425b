import { expect, test } from "vitest";
import { parseObjects } from "./objects.ts";

test("a line is an object; lines about other things are passed over", () => {
  const text = [
    '{"tables":3}',
    '{"object":["table","public.users"],"def":{}}',
    "",
    '{"object":["column","public.users.\\"Odd \\\\ name\\""],"def":{"table":"public.users","type":"text","default":"E\'\\\\n\'::text"}}',
    '{"rows":["public.users",12]}',
    "",
  ].join("\n");
  expect(parseObjects(text)).toEqual([
    { kind: "table", identity: "public.users", def: {} },
    {
      kind: "column",
      identity: 'public.users."Odd \\ name"',
      def: { table: "public.users", type: "text", default: "E'\\n'::text" },
    },
  ]);
});

test.each([
  ["cut off", '{"object":["table","public.us'],
  ["without a definition", '{"object":["table","public.users"]}'],
  ["with a definition that is none", '{"object":["table","public.users"],"def":[1]}'],
  ["without an identity", '{"object":["table"],"def":{}}'],
  ["with another word", '{"object":["table","public.users",3],"def":{}}'],
])("a line that is %s isn't half believed", (_, line) => {
  expect(() => parseObjects(`{"object":["table","a"],"def":{}}\n${line}\n`)).toThrow("not an object of a schema");
});
