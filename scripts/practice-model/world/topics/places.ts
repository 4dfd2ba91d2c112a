/** Places: where one does, buys, keeps and finds things, and some capitals. */
import text from '../../../../resources/practice-model/source/world/topics/places.json' with { type: 'json' };
import { factTopic, kinds } from '../facts.ts';
import { BUY, CAPITALS, KEEP, PLACES, ROOMS } from '../lexicon.ts';

const FACTS = kinds(text.FACTS, [BUY, PLACES, PLACES, ROOMS, KEEP, CAPITALS, CAPITALS]);

export const places = factTopic('places', FACTS, 1.1);
