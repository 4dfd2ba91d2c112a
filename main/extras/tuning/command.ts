/** `fettle tuning`: OpenAI's tuning interface on this computer, for its clients as they are. */
import path from 'node:path';
import { knownHere } from '../../app/grounds.ts';
import { type Flag, HELP_FLAG, JSON_FLAG, wantsJson } from '../../cli/arguments.ts';
import { type Command, EXIT, onInterrupt } from '../../cli/command.ts';
import { keyHere, listening, portFlag, portOf } from '../../cli/keyed.ts';
import { dataFolder, resourcesFolder } from '../../paths.ts';
import { followPointers } from '../../store/data-files.ts';
import { Answers, type Source } from './answers.ts';
import { seconds, Uploads } from './files.ts';
import { TuningJobs } from './jobs.ts';
import { openTuningServer } from './server.ts';
import { Refusal } from './wire.ts';

const PORT = 4887;

const FLAGS: readonly Flag[] = [portFlag(String(PORT)), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'tuning [--port N]',
  about:
    'Clients of OpenAI upload rows, start tuning jobs with models of this computer, follow, pause and cancel them, and chat with the result. FETTLE_KEY may hold ' +
    'the API key; else there is a new one each time. Files and runs stay in the data folder. Ctrl-C ends it; a job under way saves first, and can be resumed.',
  examples: ['fettle tuning', 'fettle tuning --port 0 --json'],
  flags: FLAGS,
  async run(args, { out, err }) {
    const json = wantsJson(args);
    const port = portOf(args) ?? PORT;
    const key = keyHere();
    const folder = path.join(followPointers(dataFolder()).at(-1)!, 'tuning');
    const bases = await baseModels();
    const created = seconds();
    const uploads = new Uploads(path.join(folder, 'files'));
    const jobs = new TuningJobs(folder, uploads, (name) => pathOf(bases, name));
    const sourceOf = (name: string): Source => {
      const run = jobs.folderOf(name);
      return run === null ? { model: pathOf(bases, name) } : { run };
    };
    const answers = new Answers(key, sourceOf);
    const models = () => [
      ...Object.keys(bases).map((id) => ({ id, created })),
      ...jobs
        .list()
        .flatMap((job) =>
          job.fine_tuned_model === null ? [] : [{ id: job.fine_tuned_model, created: job.created_at }],
        ),
    ];
    const desk = { uploads, jobs, answers, models };
    const server = await listening(port, openTuningServer(desk, key, port));
    const { stop, release } = onInterrupt(() => err.write('Ending. A job under way saves first.\n'));
    const listed = Object.keys(bases);
    out.write(
      json
        ? `${JSON.stringify({ event: 'listening', address: server.address, key, models: listed })}\n`
        : `Base URL  ${server.address}\nAPI key   ${key}\nModels    ${listed.join(', ')}\n\nCtrl-C ends it.\n`,
    );
    await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
    await server.close();
    release();
    return EXIT.ok;
  },
};

/** Models to tune, by the names that clients use. */
async function baseModels(): Promise<Readonly<Record<string, string>>> {
  const { models } = await knownHere();
  const here = models.filter(({ available, source }) => available && source !== 'practice');
  return {
    ...Object.fromEntries(here.map(({ name, path: at }) => [name.replace(/[^\w.-]+/g, '-'), at])),
    practice: path.join(resourcesFolder(), 'practice-model'),
  };
}

function pathOf(bases: Readonly<Record<string, string>>, name: string): string {
  if (Object.hasOwn(bases, name)) return bases[name]!;
  const known = Object.keys(bases).join(', ');
  throw new Refusal(
    404,
    'model_not_found',
    `There is no model ${name.slice(0, 100)} to tune. Models: ${known}.`,
  );
}
