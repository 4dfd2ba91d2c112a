import { AppError } from '../../../common/errors.ts';
import { parsedJson } from '../../../common/values.ts';
import { flagsOf, JobRequest } from '../../../main/extras/tuning/request.ts';
import { parsed } from '../../../main/extras/tuning/wire.ts';
import { Refusal } from '../../../main/requests.ts';
import { type ExtraFuzz, type Reader, seedOf } from '../../campaign/fuzz/reader.ts';

/** Bodies of `/v1/fine_tuning/jobs`, to the flags of the training that they ask for. */
const requests: Reader = {
  name: 'tuning requests',
  async open() {
    const about = { model: 'SmolLM2', training_file: 'file-0a', seed: 3, metadata: { desk: 'mails' } };
    const bodies = [
      { ...about, hyperparameters: { n_epochs: 2, learning_rate_multiplier: 0.5, batch_size: 8 } },
      { ...about, method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 'auto' } } } },
      { ...about, method: { type: 'dpo', dpo: { hyperparameters: { beta: 0.1 } } }, suffix: 'v-1' },
    ];
    return {
      seeds: bodies.map((body, i) => seedOf(`${i}.json`, 'json', Buffer.from(JSON.stringify(body)))),
      async read(bytes) {
        try {
          const request = parsed(JobRequest, parsedJson(Buffer.from(bytes).toString('utf8')));
          const flags = flagsOf(request, { data: '/data/rows.jsonl' });
          const { epochs, beta } = Object.fromEntries(flags) as Record<string, number | undefined>;
          for (const one of [epochs, beta])
            if (one !== undefined && !Number.isFinite(one)) throw new Error(`internal: ${one} is no number`);
        } catch (error) {
          if (error instanceof Refusal && error.status < 500)
            throw new AppError(error.code, error.message, 'Change the request.');
          throw error;
        }
      },
    };
  },
};

export const tuningFuzz: ExtraFuzz = { calls: {}, readers: [requests] };
