import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Script, sh } from "../../packages/tend/src/transport/argv.ts";
import { Secret } from "../../packages/tend/src/transport/secret.ts";
import type { Transport } from "../../packages/tend/src/transport/transport.ts";
import { commandLine, processes, readProc } from "./processes.ts";
import { gone, MEGABYTE, STRANGE, uniqueNap } from "./scripts.ts";

/** What holds for every script that is run. */
export function runs(transport: () => Transport): void {
  const stdout = async (script: Script, input?: string | Secret) => (await transport().run(script, { input })).stdout;

  describe("runs a script", () => {
    it("and answers its output, its errors and its status", async () => {
      const output = await transport().run(sh`echo out; echo err >&2; exit 3`);
      expect(output).toMatchObject({ exit: 3, stdout: "out\n", stderr: "err\n" });
      expect(output.ms).toBeGreaterThan(0);
    });

    it("that says nothing, or is nothing", async () => {
      expect(await transport().run(sh`true`)).toMatchObject({ exit: 0, stdout: "", stderr: "" });
      expect(await transport().run(sh``)).toMatchObject({ exit: 0, stdout: "", stderr: "" });
      expect(await transport().run(sh`# only a comment`)).toMatchObject({ exit: 0, stdout: "", stderr: "" });
    });

    it("whose last line has no end", async () => {
      expect(await transport().run(sh`printf out; printf err >&2`)).toMatchObject({ exit: 0, stdout: "out", stderr: "err" });
    });

    it("whose output holds NUL and bytes that are no UTF-8", async () => {
      expect(await stdout(sh`printf 'a\0b\377c\n'`)).toBe("a\0b\uFFFDc\n");
    });

    it("whose output is 20 MB, on both streams", async () => {
      const flood = sh`yes 0123456789abcde | head -c ${20 * MEGABYTE}`;
      const output = await transport().run(sh`${flood}; ${flood} >&2`);
      expect(output.stdout.length).toBe(20 * MEGABYTE);
      expect(output.stderr.length).toBe(20 * MEGABYTE);
      expect(output.stdout.slice(-16)).toBe("0123456789abcde\n");
    });

    it("of a megabyte", async () => {
      const word = "0123456789abcde\n".repeat(MEGABYTE / 16);
      expect(await stdout(sh`printf %s ${word} | wc -c`)).toMatch(/^\s*1048576\n$/);
    });

    it("that has strange words in it", async () => {
      expect(await stdout(sh`printf '%s\0' ${STRANGE}`)).toBe(STRANGE.map((word) => `${word}\0`).join(""));
    });

    it("that starts like an option", async () => {
      expect((await transport().run(sh`-x`)).exit).toBe(127);
    });

    it("that dies by a signal", async () => {
      expect((await transport().run(sh`sh -c 'kill -9 $$'`)).exit).toBe(137);
    });

    it("under set -e", async () => {
      expect(await transport().run(sh`set -e; echo one; false; echo two`)).toMatchObject({ exit: 1, stdout: "one\n" });
    });

    it("3,000 times", async () => {
      for (let turn = 0; turn < 3000; turn++) {
        const output = await transport().run(sh`echo ${turn}; exit ${turn % 7}`);
        if (output.stdout !== `${turn}\n` || output.exit !== turn % 7) expect.fail(`turn ${turn}: ${JSON.stringify(output)}`);
      }
    });

    it("one after the other when many are asked for at once", async () => {
      const folder = (await stdout(sh`mktemp -d`)).trim();
      const script = sh`mkdir ${folder}/busy && sleep 0.02 && rmdir ${folder}/busy`;
      const outputs = await Promise.all(Array.from({ length: 10 }, () => transport().run(script)));
      expect(outputs.map(({ exit }) => exit)).toEqual(Array(10).fill(0));
      await transport().run(sh`rmdir ${folder}`);
    });
  });

  describe("keeps scripts apart", () => {
    it.each<[string, Script]>([
      ["an open quote", sh`echo 'open`],
      ["an open double quote", sh`echo "open`],
      ["an open here-document", sh`cat <<END\nnever ended`],
      ["an open brace", sh`{ echo open`],
      ["an open substitution", sh`echo $(echo open`],
      ["a closed bracket too many", sh`echo one ) ; echo two`],
      ["a syntax error", sh`if then fi ;; esac`],
      ["a backslash at its end", sh`echo one \\`],
      ["a comment at its end", sh`echo one # two`],
    ])("after %s", async (_, script) => {
      await transport().run(script);
      expect(await transport().run(sh`echo next; echo error >&2; exit 5`)).toMatchObject({
        exit: 5,
        stdout: "next\n",
        stderr: "error\n",
      });
    });

    it("in folder, variables, umask, options, functions and traps", async () => {
      const state = sh`pwd; umask; echo "$tend_test-$(set +o | cksum)"; command -v tend_f || echo none`;
      const before = await stdout(state);
      const change = sh`cd /; umask 000; tend_test=1; export tend_test; set -f -u; tend_f() { :; }; trap 'echo bye' EXIT; exit 1`;
      expect(await transport().run(change)).toMatchObject({ exit: 1, stdout: "bye\n" });
      expect(await stdout(state)).toBe(before);
    });

    it("when one closes its streams or replaces itself", async () => {
      await transport().run(sh`exec >&- 2>&- <&-; echo lost`);
      expect(await transport().run(sh`exec sh -c 'echo new; exit 9'`)).toMatchObject({ exit: 9, stdout: "new\n" });
      expect(await stdout(sh`echo next`)).toBe("next\n");
    });

    it("when one leaves a process behind that holds its streams open", async () => {
      const output = await transport().run(sh`sleep 5 & echo $!`);
      expect(output.ms).toBeLessThan(3000);
      expect(await stdout(sh`echo next`)).toBe("next\n");
      await transport().run(sh`kill ${output.stdout.trim()}`);
    });

    it("when a process that was left behind speaks between two of them", async () => {
      await transport().run(sh`(sleep 0.1; echo late; echo late >&2) & :`);
      await delay(300);
      expect(await transport().run(sh`echo next`)).toMatchObject({ stdout: "next\n", stderr: "" });
    });
  });

  describe("gives a script its input", () => {
    it("and nothing else: never the next script", async () => {
      const [first, second] = await Promise.all([transport().run(sh`cat`), transport().run(sh`echo second`)]);
      expect([first?.stdout, second?.stdout]).toEqual(["", "second\n"]);
      expect(await stdout(sh`cat`, "")).toBe("");
    });

    it("as it is: quotes, NUL, no newline at its end", async () => {
      for (const input of ["one", "one\n", "it's\n\n", "a\0b\0", "\0", "%s \\n \\0", "-n", "é\u{1F600}\u0081"]) {
        expect(await stdout(sh`cat`, input)).toBe(input);
      }
    });

    it("of 4 MB", async () => {
      const input = "it's 15 letters\n".repeat((4 * MEGABYTE) / 16);
      expect(await stdout(sh`cksum`, input)).toBe(await stdout(sh`yes ${"it's 15 letters"} | head -c ${4 * MEGABYTE} | cksum`));
    });

    it("which it needn't read", async () => {
      const output = await transport().run(sh`exit 4`, { input: "x".repeat(MEGABYTE) });
      expect(output).toMatchObject({ exit: 4, stdout: "", stderr: "" });
    });

    it("without showing a secret in any process's arguments or environment", async () => {
      const secret = new Secret(`canary-${Math.random()}`);
      const running = transport().run(sh`cat; sleep 0.3`, { input: secret });
      let seen = "";
      for (let look = 0; look < 20; look++) {
        for (const { pid } of processes()) seen += commandLine(pid) + readProc(pid, "environ");
        await delay(10);
      }
      expect((await running).stdout).toBe(secret.reveal());
      expect(seen).not.toContain(secret.reveal());
      expect(seen.length).toBeGreaterThan(0);
    });
  });

  describe("stops waiting", () => {
    it("after the time that was given, ends what ran, and works on", async () => {
      const [nap, line] = uniqueNap();
      const running = transport().run(sh`${nap}; echo never`, { timeout: 100 });
      await expect(running).rejects.toMatchObject({ id: "transport.timeout" });
      await gone(line);
      expect(await stdout(sh`echo next`)).toBe("next\n");
    });

    it("when it is told to", async () => {
      const running = transport().run(sh`sleep 5`, { signal: AbortSignal.timeout(100) });
      await expect(running).rejects.toMatchObject({ name: "TimeoutError" });
      await expect(transport().run(sh`true`, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
      expect(await stdout(sh`echo next`)).toBe("next\n");
    });

    it("when the shell is gone, and opens another", async () => {
      await expect(transport().run(sh`kill -9 $$`)).rejects.toMatchObject({
        id: "transport.lost",
        parts: { exit: "unreachable" },
      });
      expect(await stdout(sh`echo next`)).toBe("next\n");
    });
  });
}
