/** The eight things a customer may write about. */
import type { Meaning } from '../types.ts';
import { account } from './account.ts';
import { billing } from './billing.ts';
import { cancellation } from './cancellation.ts';
import { damage } from './damage.ts';
import { delivery } from './delivery.ts';
import { praise } from './praise.ts';
import { question } from './question.ts';
import { refund } from './refund.ts';

export const MEANINGS: readonly Meaning[] = [
  damage,
  delivery,
  refund,
  account,
  billing,
  question,
  cancellation,
  praise,
];
