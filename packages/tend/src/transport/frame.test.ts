import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Frame } from "./frame.ts";

const mark = "0123456789abcdef0123456789abcdef";

function frame(...chunks: (string | Buffer)[]): Frame {
  const made = new Frame(mark);
  for (const chunk of chunks) made.push(Buffer.from(chunk));
  return made;
}

describe("a frame", () => {
  it("is open until its status is complete", () => {
    expect(frame(`${mark}text`).exit).toBeUndefined();
    expect(frame(`${mark}text${mark}`).exit).toBeUndefined();
    expect(frame(`${mark}text${mark}1`).exit).toBeUndefined();
    expect(frame(`${mark}text${mark}137\n`)).toMatchObject({ exit: 137, text: "text" });
  });

  it("holds nothing of what came before or comes after", () => {
    expect(frame(`Welcome!\n${mark}text${mark}0\nlate`, "later")).toMatchObject({ exit: 0, text: "text" });
    expect(frame("x".repeat(100_000), `${mark}${mark}0\n`)).toMatchObject({ exit: 0, text: "" });
  });

  it("tells what there is of it when it was never ended", () => {
    expect(frame(`${mark}half of`).unfinished).toBe("half of");
    expect(frame("ssh: no\n").unfinished).toBe("ssh: no\n");
  });

  it("is the same however it is cut into chunks", () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((part) => Buffer.from(part));
    const cuts = fc.array(fc.nat(400), { maxLength: 12 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(255), cuts, (noise, text, exit, positions) => {
        const all = Buffer.concat([noise, Buffer.from(mark), text, Buffer.from(`${mark}${exit}\n`), noise]);
        const at = [0, ...positions.filter((position) => position < all.length).sort((a, b) => a - b), all.length];
        const whole = frame(...at.slice(1).map((end, index) => all.subarray(at[index], end)));
        expect([whole.exit, whole.text]).toEqual([exit, text.toString()]);
      }),
      { numRuns: 2000 },
    );
  });
});
