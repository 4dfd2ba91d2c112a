/** What the settings of a blend say: the run that it is made of, without training, and how much of what that one learned is kept. */
import { number, setting } from '../../settings/row.ts';
import { say } from '../../words/language.ts';

interface Blend {
  readonly of: string;
  readonly strength: number;
  readonly with?: string | undefined;
  readonly withStrength?: number | undefined;
}

/** A model's card has the names of the runs, not where they lie. */
const nameOf = (folder: string) => folder.split(/[\\/]/).findLast((part) => part !== '') ?? folder;

function cardText(_: string | undefined, config: object): string | false {
  const { blend } = config as { readonly blend?: Blend };
  if (!blend) return false;
  const other =
    blend.with === undefined
      ? ''
      : ` and ${blend.withStrength ?? 1} of what that of ${nameOf(blend.with)} changed`;
  return `${blend.strength} of what the training of ${nameOf(blend.of)} changed${other}, added to the untouched weights`;
}

export const blendOf = setting('blend.of', 'Blend', {
  type: { kind: 'path' },
  required: true,
  flag: false,
  about: 'the run that this one is blended from',
  madeOf: true,
  card: { name: 'blend', text: cardText },
  elsewhere: {
    to: 'none',
    refused: (value: string | undefined) =>
      value !== undefined && say`A blend takes no training: make it on this computer`,
  },
  ownPlace: true,
  words: { name: 'Blended from' },
});

export const blendStrength = setting('blend.strength', 'Blend', {
  type: number(0, 1),
  required: true,
  flag: false,
  about: 'how much of what that run learned is kept',
  elsewhere: { to: 'none' },
  ownPlace: true,
  words: { name: 'Share kept' },
});

export const blendWith = setting('blend.with', 'Blend', {
  type: { kind: 'path' },
  flag: false,
  about: 'another run whose adapter is added',
  elsewhere: { to: 'none' },
  ownPlace: true,
  words: { name: 'Combined with' },
});

export const blendWithStrength = setting('blend.withStrength', 'Blend', {
  type: number(-10, 10),
  flag: false,
  about: 'how strongly it is added',
  elsewhere: { to: 'none' },
  ownPlace: true,
  words: { name: 'Share of the other' },
});
