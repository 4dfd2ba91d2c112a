/** The words of combining adapters and of blends. */
import english from '../../../words/en/pages/blend.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { blend } = texts('blend', english, {});
