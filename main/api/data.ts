/** Data: samples, a look at files, the model's view of a row, the doctor and its fixes. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DataChoice, DoctorProgress, NewTokens } from '../../common/api/contract.ts';
import type { DoctorReport } from '../../common/protocol/protocol.ts';
import type { DataConfig } from '../engine/config/config.ts';
import { resourcesFolder } from '../paths.ts';
import { heldOutRule, USUAL_HELD_OUT } from '../plan/rules.ts';
import { channel } from './channel.ts';
import { defined } from './defined.ts';
import { modelOf } from './models.ts';
import { shortId, slug } from './names.ts';
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';
import { sampleSets } from './samples.ts';

/** The folder in the data folder for what the doctor's fixes write. */
const MENDED = 'mended';
const DEFAULT_LENGTH = 1024;

/** What a check looks at. */
interface Checked {
  readonly data: DataChoice;
  readonly evalPaths?: string[] | undefined;
  readonly modelId?: string | undefined;
  readonly newTokens?: NewTokens | undefined;
  readonly maxLength?: number | undefined;
}

export function dataCalls(os: Implementer, parts: Parts) {
  const { engine, store, allowed } = parts;
  const readable = ({ data, evalPaths = [] }: Pick<Checked, 'data' | 'evalPaths'>) =>
    allowed.read([...data.paths, ...evalPaths]);
  const checkConfig = ({ data, evalPaths, modelId, newTokens, maxLength }: Checked) => ({
    ...dataConfig(data),
    ...defined({ evalData: evalPaths, maxLength }),
    // without a model tokens are estimated, and new ones make no difference
    ...(modelId !== undefined && { model: modelOf(parts, modelId).path, ...defined({ newTokens }) }),
  });

  async function fix(checked: Checked, fixes: string[]): Promise<DoctorReport> {
    await readable(checked);
    const folder = path.join(store.folder, MENDED);
    await mkdir(folder, { recursive: true });
    const name = slug(path.parse(checked.data.paths[0]!).name, 'rows');
    const out = path.join(folder, `${name}-${shortId()}.jsonl`);
    // to the end, even when the page goes: half a file would be in the way
    return engine.check({ ...checkConfig(checked), fix: fixes, out }, () => {});
  }

  return {
    samples: os.data.samples.handler(() => sampleSets(path.join(resourcesFolder(), 'samples'))),
    look: os.data.look.handler(async ({ input, signal }) => {
      await readable({ data: input });
      return engine.look(dataConfig(input), signal);
    }),
    split: os.data.split.handler(async ({ input: { rows, from, ...set } }) => {
      // a run that is repeated has the engine's defaults where it names nothing
      const usual = from === undefined ? heldOutRule({ rows, hasHeldOutFile: false }).value : USUAL_HELD_OUT;
      const heldOut = set.heldOut ?? usual ?? 0;
      const test = await engine.split(rows, heldOut);
      return { heldOut, training: rows - test, test };
    }),
    preview: os.data.preview.handler(async ({ input, signal }) => {
      await readable(input);
      const {
        data,
        modelId,
        newTokens,
        maxLength = DEFAULT_LENGTH,
        trainOn = 'answers',
        from,
        count,
      } = input;
      const model = modelOf(parts, modelId).path;
      const shown = { maxLength, trainOn, from, count, ...defined({ newTokens }) };
      return engine.preview({ data: dataConfig(data), model, ...shown }, signal);
    }),
    check: os.data.check.handler(({ input, signal }) =>
      channel<DoctorProgress>(async (send) => {
        await readable(input);
        const report = await engine.check(
          checkConfig(input),
          (event) => {
            if (event.event !== 'phase') return;
            const { detail = 'Looking at the rows', fraction = null } = event;
            send({ kind: 'progress', detail, fraction });
          },
          signal,
        );
        send({ kind: 'report', report });
      }),
    ),
    fix: os.data.fix.handler(({ input }) => fix(input, input.fixes)),
    undo: os.data.undo.handler(async ({ input }) => {
      const { dir, name } = path.parse(input.file);
      const out = path.join(dir, `${name}-restored-${shortId()}.jsonl`);
      await allowed.read([input.file]);
      await allowed.write(out);
      return engine.undo(input.file, out);
    }),
  };
}

/** A choice of data as the engine's configuration calls it. */
export function dataConfig({ paths, map, promptTemplate, system, sheet }: DataChoice): DataConfig {
  return { data: paths, ...defined({ map, promptTemplate, system, sheet }) };
}
