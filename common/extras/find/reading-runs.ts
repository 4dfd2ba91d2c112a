/** Runs of encoders and rerankers in the history: their methods, and what comes next at a terminal. */
import { shellWord } from '../../words/format.ts';
import type { ReadingRuns } from '../reading-run.ts';

export const FINDING_METHODS = ['encoder', 'reranker'] as const;

const COMMANDS: Readonly<Record<string, string>> = { encoder: 'vectors', reranker: 'reranker' };

export const READING_RUNS: ReadingRuns = {
  methods: FINDING_METHODS,
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
      `  ${repeating(COMMANDS[method] ?? method, config)}`,
    ];
  },
};

/** The command with the same settings; the folder it writes is to be named anew. */
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
