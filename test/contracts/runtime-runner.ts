// tend in a process of its own, so that it can be killed: deploys an app and prints each step as it begins.
import { Subject } from "./runtime-harness.ts";

const [declaration = "", app = ""] = process.argv.slice(2);
const none = () => Promise.reject(new Error("a runner only deploys"));
const subject = new Subject({ declaration, app, url: "", publish: none, setSeason: none, close: none });
const { plan, failure } = await subject.deploy(
  {},
  { onNews: (news) => news.type === "step.start" && console.log(`step ${news.step}`) },
);
console.log(failure ? `failed ${failure.message}` : `done ${plan?.id}`);
await subject.close();
