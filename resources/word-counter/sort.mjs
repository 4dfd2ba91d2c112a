// Sorts texts with counter.json, without Fettle. In Node: node sort.mjs "Where is my parcel?"
// In your own code, also in a browser: sorter(parsedJson)('Where is my parcel?') gives { category, score, scores }.

export function sorter({ letters, split, answers, words, rarity, parts, temperature }) {
  const index = new Map(words.map((word, i) => [word, i]));
  const pattern = new RegExp(split, 'gu');

  // groups of neighbouring letters between spaces; in older files words, and pairs of them
  const counted = (text) => {
    const found = text.toLowerCase().match(letters ? /\S+/g : pattern) ?? [];
    if (!letters) return [...found, ...found.slice(1).map((word, i) => `${found[i]} ${word}`)];
    return found.flatMap((run) => {
      const signs = [' ', ...run, ' '];
      const groups = [];
      for (let size = letters[0]; size <= letters[1]; size++)
        for (let i = 0; i + size <= signs.length; i++) groups.push(signs.slice(i, i + size).join(''));
      return groups;
    });
  };

  const chances = (scores, heat = 1) => {
    const top = Math.max(...scores);
    const weights = scores.map((score) => Math.exp((score - top) / heat));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  };

  return (text) => {
    const counts = new Map();
    for (const word of counted(text))
      if (index.has(word)) counts.set(index.get(word), (counts.get(index.get(word)) ?? 0) + 1);
    const values = [...counts].map(([word, count]) => [word, (letters ? 1 + Math.log(count) : count) * rarity[word]]);
    const length = Math.sqrt(values.reduce((sum, [, value]) => sum + value * value, 0)) || 1;
    const logs = answers.map(() => 0);
    for (const { of, weights, intercept } of parts) {
      const scores = intercept.map((start, label) =>
        values.reduce((sum, [word, value]) => sum + (value / length) * weights[word][label], start),
      );
      const part = chances(scores);
      of.forEach((label, answer) => (logs[answer] += label < 0 ? -Infinity : Math.log(part[label])));
    }
    const scores = chances(logs, temperature);
    const best = scores.indexOf(Math.max(...scores));
    return { category: answers[best], score: scores[best], scores };
  };
}

if (globalThis.process?.argv?.[1]?.endsWith('sort.mjs')) {
  const { readFileSync } = await import('node:fs');
  const sort = sorter(JSON.parse(readFileSync(new URL('counter.json', import.meta.url), 'utf8')));
  for (const text of process.argv.slice(2)) console.log(JSON.stringify(sort(text)));
}
