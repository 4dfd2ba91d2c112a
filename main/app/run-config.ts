/** Between what a page asks for and a complete configuration: a request becomes a run.json, and a run.json a draft. */
import type {
  DataChoice,
  DraftContent,
  LocalModel,
  RunDetails,
  RunRequest,
} from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { withoutChoice } from '../../common/settings/computing.ts';
import { nestedSettings, settingName } from '../../common/settings/form.ts';
import { hasOwnPlace } from '../../common/settings/table.ts';
import { defined, flattened } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { type DataConfig, parseRunConfig, type RunConfig } from '../engine/config/config.ts';
import type { Parts } from './parts.ts';

/** A complete configuration of settings as a page gives them. Throws an AppError that names every wrong one as the page does. */
export function parseRun(settings: Readonly<Record<string, unknown>>): RunConfig {
  return parseRunConfig(nestedSettings(settings), (name) => `“${settingName(name)}”`);
}

/** The model of a request, and its complete configuration with the folder `out`. Throws an AppError for wrong settings. */
export async function configOf(
  parts: Pick<Parts, 'store' | 'allowed'>,
  { modelId, data, evalPaths, prompts, settings }: RunRequest,
  out: string,
): Promise<{ readonly model: LocalModel; readonly config: RunConfig }> {
  const model = modelOf(parts, modelId);
  const asked = prompts.filter((prompt) => prompt.trim() !== '');
  const others = Object.entries(settings).filter(
    ([name, value]) => !hasOwnPlace(name) && value !== undefined && value !== null,
  );
  const config = parseRun({
    ...Object.fromEntries(others),
    ...dataConfig(data),
    ...defined({ evalData: evalPaths }),
    ...(asked.length > 0 && { samplePrompts: asked }),
    model: model.path,
    out,
  });
  await parts.allowed.read([config.data, config.evalData, config.replayData].flatMap(listOf));
  return { model, config };
}

/** The model with that id. Throws an AppError for one that is not known, that writes nothing, or whose files are gone. */
export function modelOf(
  { store }: Pick<Parts, 'store'>,
  id: string,
  { mayBeGone = false, mayRead = false } = {},
): LocalModel {
  const model = store.models.find(id);
  if (!model)
    throw new AppError(
      'no-model',
      say`This model is not on the computer any more.`,
      say`Choose another one.`,
    );
  if (model.reads && !mayRead)
    throw new AppError(
      'model-reads',
      say`${model.name} reads texts and writes none.`,
      say`Choose a model that writes, or sort with this one.`,
    );
  if (!model.available && !mayBeGone)
    throw new AppError(
      'model-not-found',
      say`The files of ${model.name} are not at ${model.path} any more.`,
      say`Put them back, or add the model again from where it is now.`,
    );
  return model;
}

/** A choice of data as the engine's configuration calls it. */
export function dataConfig({ paths, map, promptTemplate, system, sheet }: DataChoice): DataConfig {
  return { data: paths, ...defined({ map, promptTemplate, system, sheet }) };
}

/** A draft that repeats `run` with the settings of `config`, a complete run.json; only what differs from the defaults is in it. */
export function draftOf(
  { store }: Pick<Parts, 'store'>,
  run: RunDetails,
  config: Readonly<Record<string, unknown>>,
): DraftContent {
  const modelId = store.models.byPath(String(config.model))?.id ?? run.modelId;
  const evalPaths = listOf(config.evalData);
  return {
    name: nextName(run.name),
    step: 'plan',
    computerSeen: true,
    ...(modelId !== null && { modelId }),
    data: {
      paths: listOf(config.data),
      ...defined({
        map: config.map as string | undefined,
        promptTemplate: config.promptTemplate as string | undefined,
        system: config.system as string | undefined,
        // a run from before sheets could be named read the first one
        sheet: config.sheet === 'auto' ? undefined : ((config.sheet ?? 'first') as string),
      }),
    },
    ...(evalPaths.length > 0 && { evalPaths }),
    prompts: [...run.prompts].slice(0, 3),
    settings: changedSettings(config),
    from: run.id,
  };
}

/**
 * The settings of a complete configuration, by names with dots, without which it would be another one. Defaults depend on other
 * settings (the learning rate on the method), so each is left out in turn to see whether it comes back by itself.
 */
export function changedSettings(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const flat = defined(flattened(withoutChoice(config)));
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, flat[name]]));
  const own = Object.keys(flat).filter(hasOwnPlace);
  const names = Object.keys(flat).filter((name) => !hasOwnPlace(name));
  const parsed = (kept: readonly string[]) => flattened(parseRun(pick([...own, ...kept])));
  const isSame = (kept: readonly string[]) => {
    const found = parsed(kept);
    return names.every((name) => JSON.stringify(found[name]) === JSON.stringify(flat[name]));
  };
  // wrong settings are said, and not taken for those that others need
  parsed(names);
  return pick(
    names.reduce<readonly string[]>((kept, name) => {
      const fewer = kept.filter((one) => one !== name);
      try {
        return isSame(fewer) ? fewer : kept;
      } catch {
        return kept;
      }
    }, names),
  );
}

function listOf(value: unknown): string[] {
  return value === undefined || value === null ? [] : ([value].flat() as string[]);
}

/** `First try` -> `First try, again` -> `First try, again 2`. */
function nextName(name: string): string {
  const [, stem = name, count] = /^(.*), again(?: (\d+))?$/.exec(name) ?? [];
  if (stem === name && count === undefined) return `${name.slice(0, 180)}, again`;
  return `${stem}, again ${Number(count ?? 1) + 1}`;
}
