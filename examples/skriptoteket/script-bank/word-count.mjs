// Räkna ord: how often each word stands in a text
const words = (await new Response(process.stdin).text()).toLowerCase().match(/\p{L}+/gu) ?? [];
const counts = Object.entries(Object.groupBy(words, (word) => word)).map(([word, all]) => [word, all.length]);
for (const [word, count] of counts.sort((one, other) => other[1] - one[1])) console.log(count, word);
