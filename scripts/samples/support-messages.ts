/**
 * Writes resources/samples/support-messages.jsonl: customer messages to an online shop and how to file each, a first
 * data set to fine-tune on. Run it with `node scripts/samples/support-messages.ts`; it gives the same file each time.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compose } from './compose.ts';
import { seeded, shuffled } from './grammar.ts';
import type { Topic } from './topic.ts';
import { account } from './topics/account.ts';
import { billing } from './topics/billing.ts';
import { cancellation } from './topics/cancellation.ts';
import { damage } from './topics/damage.ts';
import { delivery } from './topics/delivery.ts';
import { praise } from './topics/praise.ts';
import { productQuestion } from './topics/product-question.ts';
import { refund } from './topics/refund.ts';

const TOPICS = [damage, delivery, refund, account, billing, productQuestion, cancellation, praise];
const ROWS_PER_TOPIC = 75;
const URGENT_PER_TOPIC = 22;
const SEED = 20_240;
const output = resolve(import.meta.dirname, '../../resources/samples/support-messages.jsonl');

/** `count` different messages that go through the cores in turn, so that none is over-represented. */
function messages(
  topic: Topic,
  cores: readonly string[],
  urgent: boolean,
  count: number,
  random: () => number,
) {
  const found = new Set<string>();
  let turn = shuffled(random, cores);
  while (found.size < count) {
    const core = turn.pop();
    if (core === undefined) turn = shuffled(random, cores);
    else found.add(compose(topic, core, urgent, random));
  }
  return [...found].map((content) => ({
    messages: [
      { role: 'user', content },
      { role: 'assistant', content: JSON.stringify({ topic: topic.name, urgent }) },
    ],
  }));
}

/** All rows in a mixed order. */
export function supportMessages() {
  const random = seeded(SEED);
  const rows = TOPICS.flatMap((topic) => {
    const urgent = topic.pressing.length > 0 ? URGENT_PER_TOPIC : 0;
    return [
      ...messages(topic, topic.calm, false, ROWS_PER_TOPIC - urgent, random),
      ...messages(topic, topic.pressing, true, urgent, random),
    ];
  });
  return shuffled(random, rows);
}

/** The rows as the text of a JSONL file. */
export function supportMessagesFile(): string {
  return `${supportMessages()
    .map((row) => JSON.stringify(row))
    .join('\n')}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(output, supportMessagesFile());
