import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** An address in the one form in which it is compared; undefined where it is none. An IPv4 address in IPv6's clothes is the IPv4 one. */
export function plainAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const { hostname } = new URL(`http://[${text}]`);
  const address = hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (!mapped) return address;
  const [high, low] = [Number.parseInt(mapped[1] as string, 16), Number.parseInt(mapped[2] as string, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`; undefined where it is none of them. */
export function socketAddress(text: string): { readonly address: string; readonly port: number } | undefined {
  if (isIPv4(text) || isIPv6(text)) return { address: text, port: 53 };
  const parsed = SocketAddress.parse(text);
  return parsed && parsed.port > 0 ? { address: parsed.address, port: parsed.port } : undefined;
}
