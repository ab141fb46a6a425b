// Sortera namn: a list of names in Swedish order
const names = (await new Response(process.stdin).text()).split("\n").filter(Boolean);
console.log(names.sort(new Intl.Collator("sv").compare).join("\n"));
