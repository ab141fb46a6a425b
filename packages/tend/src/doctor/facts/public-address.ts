import { askEcho } from "../../dns/echo.ts";
import { herePart, Unmeasured } from "./part.ts";

/** The address that the declared page sees the host come from; nothing where none is declared. */
export const publicAddress = herePart<{ readonly address: string; readonly by: string } | undefined>({
  async look({ fleet, host }, { session, signal }) {
    const { echo } = fleet.dns;
    if (!echo) return undefined;
    try {
      return { address: await askEcho(echo, await session.transport(host), signal), by: echo.host };
    } catch (error) {
      throw new Unmeasured(
        `${echo.host} doesn't say where ${host.name} comes from: ${error instanceof Error ? error.message : error}`,
      );
    }
  },
});
