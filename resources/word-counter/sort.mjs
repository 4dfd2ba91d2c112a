// Sorts texts with counter.json, without Fettle. In Node: node sort.mjs "Where is my parcel?"
// In your own code, also in a browser: sorter(parsedJson)('Where is my parcel?') gives { category, score, scores }.
// Where there is a columns.json: columnSorter(parsedJson, one sorter for each of its files)('Where is my parcel?').

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

/** Of several columns what each says; of several categories a text all that are likely enough, and how likely these alone are. */
export function columnSorter(columns, sorters) {
  return (text) => {
    const said = new Map();
    for (const [i, { name, category, from }] of columns.entries()) {
      const found = sorters[i](text);
      if (category === undefined) said.set(name, found);
      else {
        const own = said.get(name) ?? { categories: [], score: 1, scores: {} };
        const yes = found.scores[1];
        if (yes >= from) own.categories.push(category);
        own.score *= yes >= from ? yes : 1 - yes;
        own.scores[category] = yes;
        said.set(name, own);
      }
    }
    return Object.fromEntries(said);
  };
}

if (globalThis.process?.argv?.[1]?.endsWith('sort.mjs')) {
  const { existsSync, readFileSync } = await import('node:fs');
  const at = (name) => new URL(name, import.meta.url);
  const read = (name) => JSON.parse(readFileSync(at(name), 'utf8'));
  const columns = existsSync(at('columns.json')) ? read('columns.json') : null;
  const sorters = (columns ?? [{ file: 'counter.json' }]).map(({ file }) => sorter(read(file)));
  const sort = columns ? columnSorter(columns, sorters) : sorters[0];
  for (const text of process.argv.slice(2)) console.log(JSON.stringify(sort(text)));
}
