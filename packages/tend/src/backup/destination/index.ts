import { type Destination, destinationText } from "../../model/data.ts";
import type { Transport } from "../../transport/transport.ts";
import { openHere } from "./here.ts";
import { openHost } from "./host.ts";
import type { Store } from "./store.ts";

export type OpenStore = (destination: Destination, transport: Transport) => Promise<Store>;

/** Opens a place that keeps backups; `transport` reaches the app's host. */
export const openStore: OpenStore = async (destination, transport) => {
  const text = destinationText(destination);
  if (destination.kind === "here") return openHere(destination.folder, text);
  if (destination.kind === "host") return openHost(destination.folder, text, transport);
  const { openS3 } = await import("./s3.ts");
  return openS3(destination, text, process.env);
};
