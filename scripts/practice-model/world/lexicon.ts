/** The words of the world: animals, people, places, things, feelings, causes, and words about words. */
import text from '../../../resources/practice-model/source/world/lexicon.json' with { type: 'json' };
import { table } from './text.ts';

export const { PETS, GIRLS, BOYS, COLOURS, FRUIT, VEGETABLES, DRINKS, MEALS, OBJECTS, PORTABLE } = text;
export const { NOUNS, SPELL, ADJECTIVES, VERBS, RHYMES } = text;

/** Size goes from 1 (an ant) to 6 (a whale). */
export const ANIMALS = table(text.ANIMALS);
/** Why something is so: as a question ("do people wear coats"), as a statement, and the cause. */
export const WHY = table(text.WHY);
export const WHEN = table(text.WHEN);
export const DO_WHEN = table(text.DO_WHEN);
export const JOBS = table(text.JOBS);
export const FAMILY = table(text.FAMILY);
export const BODY = table(text.BODY);
export const WEAR = table(text.WEAR);
export const BUY = table(text.BUY);
export const PLACES = table(text.PLACES);
export const ROOMS = table(text.ROOMS);
export const KEEP = table(text.KEEP);
export const CAPITALS = table(text.CAPITALS);
export const COLOURED = table(text.COLOURED);
export const MIXES = table(text.MIXES);
export const GROUPS = table(text.GROUPS);
export const USES = table(text.USES);
export const OPPOSITES = table(text.OPPOSITES);
export const PAST = table(text.PAST);
export const SAME = table(text.SAME);
export const MORE = table(text.MORE);
export const SAY = table(text.SAY);

/** Situations by the feeling they bring; `[his]` and `[he]` are of the person. */
export const SITUATIONS: Readonly<Record<string, readonly string[]>> = text.SITUATIONS;
/** By feeling: what people do then, and what makes it better. */
export const FEELING_ACTS = table(text.FEELING_ACTS);
