import { openHere } from "../../packages/tend/src/backup/destination/here.ts";
import { storeContract } from "./store.ts";
import { inFolder } from "./store-folder.ts";

storeContract("a folder here", () => inFolder((folder) => openHere(folder, "here:backups")));
