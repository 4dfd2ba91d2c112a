/** The words of adding a Ray cluster. */

import english from '../../../words/en/pages/ray.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { rayText } = texts('ray', english, {});
