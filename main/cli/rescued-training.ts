/** A training of the command line, which goes on by itself where a rescue can help (runs/rescue.ts). */

import { AppError } from '../../common/errors.ts';
import type { DoneEvent, EngineEvent, RescueEvent, StoppedEvent } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { followed, NO_COURSE, reasonOf, rescueAfter, triedInVain } from '../runs/rescue.ts';
import type { TrainRequest } from './engine-process.ts';
import { described } from './exit-codes.ts';

export type Train = (request: TrainRequest) => Promise<DoneEvent | StoppedEvent>;

/** Trains by `train`, again and again with settings that take less as long as that can help; throws what the last try threw. */
export async function trainRescued(request: TrainRequest, train: Train): Promise<DoneEvent | StoppedEvent> {
  const tries: RescueEvent[] = [];
  let { config, resume } = request;
  let course = NO_COURSE;
  const emit = (event: EngineEvent) => {
    course = followed(course, event);
    request.emit(event);
  };
  for (;;) {
    try {
      return await train({ ...request, config, resume, emit });
    } catch (error) {
      const { code, message: cause } = described(error);
      const reason = reasonOf(code);
      const rescue =
        reason === null || request.stop.aborted
          ? null
          : rescueAfter<RunConfig>({ config, course, reason, cause, tries });
      if (rescue === null) throw reason === null ? error : withTries(error, tries);
      tries.push(rescue.event);
      emit(rescue.event);
      config = rescue.config;
      resume = true;
    }
  }
}

function withTries(error: unknown, tries: readonly RescueEvent[]): unknown {
  if (tries.length === 0) return error;
  const { code, message, hint } = described(error);
  return new AppError(code, message, `${triedInVain(tries)}${hint}`, { cause: error });
}
