/** Runs of encoders and rerankers in the history: their methods, and what comes next at a terminal. */
import { shellWord } from '../../words/format.ts';
import type { ReadingRuns } from '../reading-run.ts';
import type { Trainer } from './vectors.ts';

/** What runs of each trainer, which is also a command, are called in the history. */
export const METHODS = { vectors: 'encoder', reranker: 'reranker' } as const satisfies Record<
  Trainer,
  string
>;

/** Null for a run of something else. */
export function trainerOf(method: string): Trainer | null {
  const trainers = Object.keys(METHODS) as Trainer[];
  return trainers.find((trainer) => METHODS[trainer] === method) ?? null;
}

export const READING_RUNS: ReadingRuns = {
  methods: Object.values(METHODS),
  next({ method, folder, config }) {
    const given = shellWord(folder);
    const uses =
      method === 'encoder'
        ? [`fettle find FOLDER "question" --encoder ${given}`]
        : [`fettle find FOLDER "question" --reranker ${given}`, `fettle run --model ${given}`];
    const form = method === 'encoder' ? 'encoder-onnx' : 'reranker-onnx';
    return [
      'To use it, and to save it for other programs:',
      ...[...uses, `fettle export --model ${given} --as onnx --out ${form}`].map((line) => `  ${line}`),
      '',
      'To repeat it:',
      `  ${repeating(trainerOf(method) ?? method, config)}`,
    ];
  },
};

/** The command with the same settings; the folder that it writes needs a new name. */
function repeating(command: string, config: Readonly<Record<string, unknown>>): string {
  const flags = Object.entries(config).flatMap(([name, value]) => {
    if (name === 'method' || name === 'out' || value === undefined || value === null) return [];
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const isRepeated = name === 'data' || name === 'evalData';
    const values = isRepeated ? [value].flat() : [[value].flat().join(',')];
    return values.map((one) => `${flag} ${shellWord(String(one))}`);
  });
  return [`fettle ${command}`, ...flags, '--out NEW-FOLDER'].join(' ');
}
