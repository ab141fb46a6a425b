import { describe, expect, test } from "vitest";
import { parseFleet } from "../config/parse-fleet.ts";
import { DEFAULT_CONTRACT } from "../model/contract.ts";
import { type Answered, judgeAnswer, readAnswers, readTools, toolsWanted } from "./live.ts";

const part = (head: string, text: string) =>
  `${head}\n${Buffer.from(text)
    .toString("base64")
    .replace(/(.{76})/g, "$1\n")}\n.\n`;
const fleet = parseFleet(
  "fleet: home\nhosts: { far: { ssh: far } }\napps: { shop: { host: far, path: ~/shop } }\n",
  "/tend.yaml",
);
const [app] = fleet.apps.values();
if (!app) throw new Error("no app");
const held = (answer: Answered) => judgeAnswer({ fleet, app, contract: DEFAULT_CONTRACT }, answer);
const ask = (text: string) => readAnswers(`app shop\n${text}`).get("shop") as Answered;

describe("what a host says of compose files", () => {
  test("is told apart, whatever stands in them", () => {
    const evil = `app other\nconfig\nLg==\n.\nfile x\n${"é ".repeat(100)}\n`;
    const answers = readAnswers(
      `app shop\n${part("config", "{}")}${part("given", "./a.yaml\n")}${part("file ./a.yaml", evil)}app blog\n${part("trouble", "no")}`,
    );
    expect([...answers.keys()]).toEqual(["shop", "blog"]);
    expect(answers.get("shop")?.files.get("a.yaml")).toBe(evil);
    expect(answers.get("blog")).toMatchObject({ config: undefined, trouble: "no" });
  });

  test("of an image: its user, and whether it has a health check", () => {
    const { images } = ask(
      part("image a", 'node|["CMD","x"]\n') + part("image b", "|\n") + part("image c", '0|["NONE"]\n') + part("image d", ""),
    );
    expect(Object.fromEntries(images)).toEqual({
      a: { user: "node", healthcheck: true },
      b: { user: "", healthcheck: false },
      c: { user: "0", healthcheck: false },
      d: {},
    });
  });

  test("that can't be understood is no judgement, and quotes nothing", () => {
    const torn = held(ask(part("config", '{"services":{"web":{"environment":{"PASSWORD":"hunter22"')));
    expect(torn).toEqual({ unread: "Compose's answer can't be understood" });
    expect(toolsWanted(ask(part("config", '{"services":')))).toEqual(new Map());
    expect(held(ask(part("trouble", "yaml: line 3\n")))).toEqual({ unread: "yaml: line 3" });
  });

  test("leaves open what stands in a file that wasn't read", () => {
    const files = part("given", "a.yaml\n") + part("file a.yaml", "include: [more.yaml]\nservices: { web: { image: 'a:1' } }\n");
    const judged = held(ask(part("config", '{"services":{"web":{"image":"a:1"},"db":{"image":"b:1"}}}') + files));
    expect(judged).toMatchObject({ services: ["web", "db"] });
    expect("unknown" in judged && judged.unknown.map(({ what }) => what)).toContain(
      "a.yaml includes more.yaml, which can't be read",
    );
  });

  test("of the health checks' programs", () => {
    const config = JSON.stringify({
      services: {
        web: { healthcheck: { test: ["CMD-SHELL", "curl -f x"] } },
        db: { healthcheck: { test: ["CMD", "$(id)"] } },
        job: {},
      },
    });
    expect(toolsWanted(ask(part("config", config)))).toEqual(new Map([["web", ["sh", "curl"]]]));
    expect(readTools("web sh yes\nweb curl no\n\n")).toEqual(
      new Map([
        [
          "web",
          new Map([
            ["sh", true],
            ["curl", false],
          ]),
        ],
      ]),
    );
  });
});
