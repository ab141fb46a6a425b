import { connect, createServer, type Socket } from "node:net";

/** A way to an address that takes half the round trip in each direction; the kernel here can't do it (no netem). */
export async function slowWay(target: { readonly host: string; readonly port: number }, roundTripMs: number) {
  const half = roundTripMs / 2;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (data) => setTimeout(() => to.write(data), half));
      from.on("end", () => setTimeout(() => to.end(), half));
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
