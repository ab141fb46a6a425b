import { command, type Script, sh } from "../../transport/argv.ts";
import type { ProxyRules, Swapping } from "../proxy.ts";

/**
 * Plain nginx resolves a name once, when it loads its configuration: by /etc/hosts, then by Docker's DNS, where the
 * old container and its successor bear the same names while both run. So each turn names one container's address in
 * the proxy's /etc/hosts, for the second that the reload takes: nginx then knows that one alone, and the other gets no
 * request any more before it is stopped. With both of them in, requests to an address that nobody has any more would
 * hang until a timeout. The file is as it was afterwards, and Docker makes it anew at every start of the proxy.
 */
export const nginx: ProxyRules = {
  kind: "nginx",
  // For configurations with a `resolver`: that never looks into /etc/hosts.
  overlay: (swap) => ({ aliases: [swap.container] }),
  toSurge: (swap) => leadTo(swap, swap.surge),
  retireOld: (swap) => [command(["docker", "stop", "--time", String(swap.drain), swap.old]), reloadIfSealed(swap)],
  toMain: (swap) => leadTo(swap, swap.container),
  afterSurge: (swap) => [reloadIfSealed(swap)],
  moved: (proxy) => command(["docker", "exec", proxy.container, "nginx", "-s", "reload"]),
};

/** Takes the lines with a mark out of /etc/hosts and puts others in; in place, since Docker mounts that one file. */
const WRITE_HOSTS = 'kept=$(grep -v -F "$1" /etc/hosts); shift; printf "%s\\n" "$kept" "$@" >/etc/hosts';

const inProxy = (swap: Swapping, ...argv: readonly string[]) => command(["docker", "exec", swap.proxy.container, ...argv]);
const asRoot = (swap: Swapping) => command(["docker", "exec", "--user", "0", swap.proxy.container]);

function leadTo(swap: Swapping, container: string): readonly Script[] {
  const mark = `# tend ${swap.container};`;
  const names = [...new Set([swap.container, swap.service])].join(" ");
  return [
    sh`address=$( ${addressOf(swap, container)})
[ -n "$address" ] || { echo ${`error: ${container} is on no network of ${swap.proxy.container}`}; exit 1; }
${asRoot(swap)} sh -c ${WRITE_HOSTS} sh ${mark} "$address "${`${names} ${mark}`} || true`,
    inProxy(swap, "nginx", "-s", "reload"),
    // The new workers are there at once, and the old ones take no more connections well within a second.
    command(["sleep", "1"]),
    sh`${asRoot(swap)} sh -c ${WRITE_HOSTS} sh ${mark} || true`,
  ];
}

/** The container's address where the proxy can reach it: on the declared network, else on the first that they share. */
function addressOf(swap: Swapping, container: string): Script {
  const networks = swap.proxy.network
    ? sh`${swap.proxy.network}`
    : sh`$(docker container inspect --format '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}' ${swap.proxy.container})`;
  return sh`for network in ${networks}; do
  docker container inspect --format "{{with index .NetworkSettings.Networks \"$network\"}}{{.IPAddress}}{{end}}" ${container}
done | { while read -r address; do [ -z "$address" ] || { echo "$address"; break; }; done; }`;
}

/** Where /etc/hosts can't be written, both containers are known to nginx; then the one that stopped is forgotten at once. */
function reloadIfSealed(swap: Swapping): Script {
  return sh`${asRoot(swap)} test -w /etc/hosts || ${inProxy(swap, "nginx", "-s", "reload")}`;
}
