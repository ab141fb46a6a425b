// Mejl bcc: the addresses of a class list on one line, for the bcc field
const addresses = (await new Response(process.stdin).text()).match(/[^\s,;<>]+@[^\s,;<>]+/g) ?? [];
console.log([...new Set(addresses)].join("; "));
