/** A drill that is cut off at any moment: it asks nothing twice, trains no round twice, and ends. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { drillAnswers, drillRows } from '../../../main/engine/extras/rules/calls.ts';
import { train } from '../../../main/engine/session/session.ts';
import { driveDrill, openDrill } from '../../../main/extras/rules/driving.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import type { Operation } from '../../campaign/operation.ts';
import { writeRows } from '../../helpers/tiny-model.ts';

const io = { emit: () => {}, stop: new AbortController().signal };
const model = path.join(resourcesFolder(), 'practice-model');
const SMALL = { threads: 1, executor: 'ort' } as const;
const rowsOf = (folder: string) => path.join(folder, 'questions.jsonl');

const engine = {
  drillRows: (input: Parameters<typeof drillRows>[0]) => drillRows(input, io),
  prompts: async () => [],
  aside: (_: string, input: Parameters<typeof drillAnswers>[0], { onEvent }: { onEvent: typeof io.emit }) =>
    drillAnswers(input, { ...io, emit: onEvent }),
} as unknown as Parameters<typeof driveDrill>[1];

export const drillOperation: Operation = {
  name: 'learning from a rule',
  async prepare(folder) {
    const said = (i: number) => [
      { role: 'user', content: `My parcel ${i} is late. Where is it?` },
      { role: 'assistant', content: 'x' },
    ];
    writeRows(
      rowsOf(folder),
      Array.from({ length: 20 }, (_, i) => ({ messages: said(i) })),
    );
  },
  async run(folder) {
    const config = parseRunConfig({ ...SMALL, model, data: rowsOf(folder), out: path.join(folder, 'run') });
    const wish = {
      ...{ name: 'Parcels', data: config, rules: [{ kind: 'contains' as const, text: 'a' }] },
      ...{ samples: 2, temperature: 0.8, maxNewTokens: 16, rounds: 1, pairs: false, seed: 1 },
    };
    const file = path.join(folder, 'drill.jsonl');
    const journal = await openDrill(file, wish, engine);
    const state = await driveDrill(journal, engine, {
      stop: undefined,
      filesOf: (run) => ({ ...SMALL, model, ...(run !== null && { adapter: run }) }),
      async train({ round, rows }) {
        const [data, out] = [`round-${round}.jsonl`, `round-${round}`].map((name) => path.join(folder, name));
        if (existsSync(path.join(out!, 'result.json'))) return out!;
        writeRows(data!, rows);
        const asked = {
          ...SMALL,
          model,
          data,
          out,
          maxSteps: 3,
          heldOut: 0,
          saveEverySteps: 1,
          assess: false,
        };
        const resume = existsSync(path.join(out!, 'run.json'));
        await train(parseRunConfig({ ...asked, lora: { rank: 4 } }), { ...io, resume });
        return out!;
      },
      begins: () => {},
      answered: () => {},
      emit: () => {},
    });
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
    const asked = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const keys = asked
      .map(({ round, row, sample, kind }) => JSON.stringify([round, row, sample, kind]))
      .sort();
    // which of them pass may differ: answers that are written together round differently
    return JSON.stringify([keys, state.isDone, state.rounds.length]);
  },
};
