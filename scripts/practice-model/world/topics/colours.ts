/** Colours of things, mixing, and what traffic lights mean. */
import text from '../../../../resources/practice-model/source/world/topics/colours.json' with {
  type: 'json',
};
import { factTopic, kinds } from '../facts.ts';
import { COLOURED, COLOURS, MIXES } from '../lexicon.ts';
import { table } from '../text.ts';

/** Pairs that a person could argue about ("is an apple green?") are not in the table; these colours are plain. */
const CHECKS = COLOURED.flatMap((row) =>
  COLOURS.map((other) => {
    const same = other === row.colour;
    return {
      ...row,
      other,
      reply: same ? `Yes, ${row.thing} ${row.are} ${other}` : `No, ${row.thing} ${row.are} ${row.colour}`,
      word: same ? 'yes' : 'no',
    };
  }),
);
const SAME = COLOURED.map((row) => ({ ...row, does: row.are === 'is' ? 'does' : 'do' }));
const LIGHTS = table(text.LIGHTS);
const PALETTE = table(text.PALETTE);

const FACTS = kinds(text.FACTS, [
  SAME,
  CHECKS.filter((row) => row.word === 'yes'),
  CHECKS.filter((row) => row.word === 'no'),
  MIXES,
  LIGHTS,
  PALETTE,
]);

export const colours = factTopic('colours', FACTS);
