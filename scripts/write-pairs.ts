/** Writes made-up pairs of answers, for sample data and for measurements. */
import fs from 'node:fs';
import path from 'node:path';

export interface Pair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}

/** Writes so many pairs into each file of `rows`, one of a line; no prompt comes twice in all of them. */
export function writePairs(folder: string, rows: Readonly<Record<string, number>>, pair: () => Pair): void {
  fs.mkdirSync(folder, { recursive: true });
  const prompts = new Set<string>();
  for (const [file, count] of Object.entries(rows)) {
    const lines: string[] = [];
    while (lines.length < count) {
      const made = pair();
      if (prompts.has(made.prompt)) continue;
      prompts.add(made.prompt);
      lines.push(JSON.stringify(made));
    }
    fs.writeFileSync(path.join(folder, file), `${lines.join('\n')}\n`);
  }
}
