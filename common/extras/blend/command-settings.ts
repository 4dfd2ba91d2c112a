/** Settings of `fettle blend` and `fettle merge`. */
import { assess, COMPUTED_BY } from '../../settings/computing.ts';
import { baseModel, out, runFolder } from '../../settings/files.ts';
import { number, paths, setting, toggle } from '../../settings/row.ts';
import { say } from '../../words/language.ts';

/** Of `fettle blend`. */
export const BLEND_SETTINGS = [
  setting('run', 'Files', {
    ...runFolder,
    about: 'folder of the run to blend with its base model',
    alsoCalled: ['adapter'],
  }),
  baseModel,
  setting('out', 'Files', {
    ...out,
    about: 'folder of the new run',
    alsoCalled: ['output', 'output-dir'],
  }),
  setting('strength', 'Blend', {
    type: number(0, 1),
    default: 0.7,
    about: 'how much of the training to keep: 1 for all, 0 for none',
    value: 'SHARE',
  }),
  setting('assess', 'Blend', { type: toggle, default: true, about: assess.about }),
  ...COMPUTED_BY,
] as const;

/** Of `fettle merge`. */
export const MERGE_SETTINGS = [
  setting('adapter', 'Files', {
    type: paths,
    required: true,
    about: 'adapters to add up: PEFT folders or folders of runs; give it several times',
    value: 'FOLDER',
    repeats: true,
    allowed: (given: string | readonly string[]) =>
      [given].flat().length < 2 && say`{adapter} must be given at least twice, once for each adapter`,
  }),
  setting('out', 'Files', {
    ...out,
    about: 'new folder for the adapter',
    alsoCalled: ['output', 'output-dir', 'save-dir'],
  }),
  setting('weight', 'Merge', {
    type: { kind: 'names' },
    about: 'strength of each adapter, with commas between them',
    value: 'NUMBERS',
    fallback: 'equal shares that add up to 1',
    allowed: (given: readonly string[] | undefined, { adapter: all }) => {
      if (given === undefined) return null;
      const adapters = [all ?? []].flat().length;
      const wrong = given.find((one) => !isWeight(one));
      return [
        wrong !== undefined && say`{weight} takes numbers from -10 to 10 other than 0; got ${wrong}`,
        given.length !== adapters &&
          say`{weight} needs ${adapters} numbers, one for each adapter; got ${given.length}`,
      ];
    },
  }),
] as const;

const MOST_WEIGHT = 10;

const isWeight = (text: string) =>
  text.trim() !== '' && Number(text) !== 0 && Math.abs(Number(text)) <= MOST_WEIGHT;
