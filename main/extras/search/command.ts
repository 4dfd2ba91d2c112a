/** `fettle search`: tries settings in short trainings, and trains the best of them to the end. */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { TRIES, VARIED } from '../../../common/extras/search/varied.ts';
import type { EngineEvent, SearchResult, TriedSettings } from '../../../common/protocol/protocol.ts';
import { settingName, valueWords } from '../../../common/settings/form.ts';
import { RUN_SETTINGS } from '../../../common/settings/table.ts';
import { shellWord } from '../../../common/words/format.ts';
import { askHere } from '../../app/work-here.ts';
import {
  type Arguments,
  badUsage,
  type Flag,
  flagName,
  flagsOf,
  HELP_FLAG,
  JSON_FLAG,
  wantsJson,
} from '../../cli/arguments.ts';
import { type Command, EXIT, onInterrupt, printOne, type Streams } from '../../cli/command.ts';
import { openDisplay } from '../../cli/display.ts';
import { CONFIG_FLAG, configHere, trainTo } from '../../cli/train.ts';
import { about, loss, number, plainSpaces, plural } from '../../cli/words.ts';
import {
  planSearchHere,
  rankedHere,
  type SearchHere,
  searchHere,
  searchIn,
  tryConfig,
} from './search-here.ts';
import { type Given, restSeconds, searchSeconds } from './settings-search.ts';

const EXAMPLE = 'fettle search --model models/SmolLM2.gguf --data rows.jsonl --out runs/search';

const FLAGS: readonly Flag[] = [
  ...flagsOf(RUN_SETTINGS),
  CONFIG_FLAG,
  {
    name: 'tries',
    about: `settings to try, from ${TRIES.least} to ${TRIES.most}`,
    group: 'Search',
    value: 'N',
    fallback: String(TRIES.usual),
    alsoCalled: ['trials', 'n-trials', 'num-trials', 'runs', 'budget'],
  },
  {
    name: 'try',
    about: 'values to try instead, such as rank=8,16; can be repeated',
    group: 'Search',
    value: 'NAME=VALUES',
    fallback: 'learning-rate, rank and epochs around the usual ones',
    repeats: true,
    alsoCalled: ['space', 'grid', 'sweep', 'param'],
  },
  {
    name: 'train-best',
    about: 'train the best settings to the end afterwards',
    group: 'Search',
    negatable: true,
    onByDefault: true,
    alsoCalled: ['continue-best', 'final'],
  },
  {
    name: 'resume',
    about: 'continue the search in --out',
    group: 'Search',
    alsoCalled: ['continue'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'search --model PATH --data FILE --out FOLDER [flags of train] [--tries N]',
  about:
    'All settings train a little on the same rows. The half with the lower loss on the held-out rows goes on for twice as long, until ' +
    'one is left (successive halving). Ctrl-C stops; what was found is kept, and --resume continues.',
  examples: [
    EXAMPLE,
    `${EXAMPLE} --tries 8`,
    `${EXAMPLE} --try learning-rate=1e-4,2e-4,4e-4 --try rank=8,16`,
    'fettle search --out runs/search --resume',
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const { values } = args;
  const json = wantsJson(args);
  const display = openDisplay(streams, false);
  const note = (text: string) => !json && display.note(text);
  const { stop, release } = onInterrupt(() =>
    display.note('Finishing this step, then saving. Press Ctrl-C again to end at once.'),
  );
  try {
    const search = values.get('resume') === true ? await searchIn(folderOf(args)) : await planned(args, note);
    note(timeText(search));
    const count = search.tried.length;
    const { tried, isDone } = await searchHere(search, {
      stop,
      emit: (event) => !json && isProgress(event) && display.show(event),
      begins: (candidate, step) => {
        const { settings, steps } = search.tried[candidate]!;
        note(
          `Try ${candidate + 1} of ${count} to step ${number(step)} of ${number(steps)}: ${valuesText(settings)}`,
        );
      },
      ended: (now, candidate) => note(`  loss ${lossText(now[candidate]!)}`),
      warn: display.note,
    });
    display.close();
    const found = { ...search, tried };
    printOne(args, streams, resultOf(found, isDone), () => resultText(found, isDone));
    if (!isDone) {
      note(`To continue: fettle search --out ${shellWord(search.config.out)} --resume`);
      return EXIT.interrupted;
    }
    const [best = 0] = rankedHere(found);
    if (tried[best]!.losses.includes(null))
      throw new AppError(
        'diverged',
        'All settings became unstable.',
        'Try lower rates, such as --try learning-rate=1e-5,5e-5,1e-4',
      );
    if (values.get('train-best') === false) return EXIT.ok;
    release();
    const config = tryConfig(search.config, tried, best, true);
    note(`Training try ${best + 1} to the end, in ${config.out}`);
    return await trainTo(config, { resume: true, json }, streams);
  } finally {
    display.close();
    release();
  }
}

async function planned(args: Arguments, note: (text: string) => unknown): Promise<SearchHere> {
  const given = givenBy(args);
  const tries = triesOf(args, given);
  // --resume is of the search here, and not of its trainings
  const config = await configHere(args, note, { name: 'search', example: EXAMPLE, flags: FLAGS });
  return askHere((engine) => planSearchHere(config, { tries, given, engine }));
}

function folderOf({ values }: Arguments): string {
  const out = values.get('out');
  if (typeof out === 'string') return path.resolve(out);
  throw badUsage(
    '--resume needs the folder of the search.',
    'For example: fettle search --out runs/search --resume',
  );
}

function triesOf({ values }: Arguments, given: Given): number {
  const asked = values.get('tries') as string | undefined;
  if (asked === undefined) return Object.keys(given).length > 0 ? TRIES.most : TRIES.usual;
  const tries = Number(asked);
  if (Number.isInteger(tries) && tries >= TRIES.least && tries <= TRIES.most) return tries;
  throw badUsage(
    `--tries must be a whole number from ${TRIES.least} to ${TRIES.most}; got "${asked}".`,
    `For example: ${EXAMPLE} --tries ${TRIES.usual}`,
  );
}

/** `--try rank=8,16` as `{'lora.rank': [8, 16]}`. */
function givenBy({ values }: Arguments): Given {
  const all = [values.get('try') ?? []].flat() as string[];
  return Object.fromEntries(
    all.map((text): [string, number[]] => {
      const [flag = '', list = ''] = text.split('=');
      const name = VARIED.find((one) => flagName(one) === flag.replace(/^--/, ''));
      const numbers = [
        ...new Set(list.split(',').map((one) => (one.trim() === '' ? Number.NaN : Number(one)))),
      ];
      if (name && numbers.every(Number.isFinite)) return [name, numbers];
      throw badUsage(
        `--try ${text} can't be read: it takes ${VARIED.map(flagName).join(', ')} with values.`,
        'For example: --try learning-rate=1e-4,2e-4 --try rank=8,16',
      );
    }),
  );
}

const isProgress = ({ event }: EngineEvent) => event === 'phase' || event === 'step';

function timeText({ tried }: SearchHere): string {
  const [seconds, rest] = [searchSeconds(tried), restSeconds(tried)];
  const what = `Trying ${plural(tried.length, 'setting')}`;
  if (seconds === 0)
    return `All settings are compared.${rest === null ? '' : ` Training the best of them takes ${about(rest)}.`}`;
  if (seconds === null || rest === null)
    return `${what}. How long that takes is not known: \`fettle hardware --bench\` measures this computer.`;
  return `${what} takes ${about(seconds)}, training the best of them ${about(rest)} more.`;
}

function valuesText(settings: TriedSettings['settings']): string {
  const words = Object.entries(settings).map(
    ([name, value]) => `${settingName(name).toLowerCase()} ${valueWords(name, value)}`,
  );
  return plainSpaces(words.join(', '));
}

function lossText({ losses }: TriedSettings): string {
  const last = losses.at(-1);
  return last === undefined ? 'not trained' : last === null ? 'became unstable' : loss(last);
}

function resultOf(search: SearchHere, isDone: boolean): SearchResult {
  const ranking = rankedHere(search);
  const tried = search.tried.map((one, i) => ({
    ...one,
    config: tryConfig(search.config, search.tried, i, true),
  }));
  return { isDone, best: ranking[0]!, ranking, tried };
}

/** The settings by rank. */
function resultText({ config, tried }: SearchHere, isDone: boolean): string {
  const order = rankedHere({ tried });
  const lines = order.map((candidate, place) => {
    const one = tried[candidate]!;
    const reached = one.evalEvery * 2 ** (one.losses.length - 1);
    const at = one.losses.length === 0 ? '' : ` at step ${number(reached)} of ${number(one.steps)}`;
    return `${String(place + 1).padStart(3)}  try ${candidate + 1}: ${valuesText(one.settings)}; loss ${lossText(one)}${at}`;
  });
  const best = order[0]!;
  const where = `try ${best + 1}, in ${tryConfig(config, tried, best).out}`;
  const isCompared = tried[best]!.losses.length > 0;
  const head = isCompared
    ? `Best${isDone ? '' : ' so far'}: ${where}`
    : 'No settings have been compared yet.';
  return [head, ...lines, ''].join('\n');
}
