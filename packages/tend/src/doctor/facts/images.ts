import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

export interface ImagesSeen {
  /** What the engine runs: `linux/amd64`. */
  readonly platform: string;
  readonly images: readonly ImageSeen[];
}

export interface ImageSeen {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly platform: string;
  /** Folders that get an anonymous volume when nothing is mounted there. */
  readonly volumes: readonly string[];
  /** PG_MAJOR of PostgreSQL's images. */
  readonly postgres?: number;
}

const FORMAT = [
  `{"id":{{json .ID}},"tags":{{json .RepoTags}},"digests":{{json .RepoDigests}},"platform":"{{.Os}}/{{.Architecture}}"`,
  `"volumes":{{json .Config.Volumes}}`,
  `"postgres":[{{range .Config.Env}}{{if eq (index (split . "=") 0) "PG_MAJOR"}}{{json (index (split . "=") 1)}},{{end}}{{end}}null]}`,
].join(",");

interface Raw {
  id: string;
  tags: string[] | null;
  digests: string[] | null;
  platform: string;
  volumes: Record<string, unknown> | null;
  postgres: (string | null)[];
}

/** The images that have a name or a container. */
export const images = hostPart<ImagesSeen>({
  script: () => sh`docker version --format '{{.Server.Os}}/{{.Server.Arch}}' || exit 1
images=$( { docker image ls -q --no-trunc --filter dangling=false; docker ps -a --no-trunc --format '{{.Image}}'; } | sort -u)
[ -z "$images" ] || docker image inspect --format ${FORMAT} $images`,
  read: ({ exit, stdout, stderr }) => {
    // One that was removed between the calls, or whose containers outlived it, is an error of inspect; the others are answered.
    if (exit !== 0 && !/No such image/i.test(stderr)) {
      throw new Unmeasured(stderr.trim().split("\n")[0] || `docker ended with status ${exit}`);
    }
    // A container names its image, or has its id where the name is another's by now: many are told twice.
    const [platform = "", ...lines] = new Set(stdout.split("\n").filter(Boolean));
    return { platform, images: lines.map((line) => read(JSON.parse(line) as Raw)) };
  },
});

function read({ id, tags, digests, platform, volumes, postgres }: Raw): ImageSeen {
  return {
    id,
    tags: tags ?? [],
    digests: digests ?? [],
    platform,
    volumes: Object.keys(volumes ?? {}),
    postgres: postgres[0] ? Number(postgres[0]) : undefined,
  };
}
