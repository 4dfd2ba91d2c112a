/** The server of OpenAI's tuning interface. */
import { openKeyedServer } from '../../keyed-server.ts';
import { answerRoute, type Desk } from './routes.ts';
import { sendError } from './wire.ts';

/** Uploads may be slow. */
const PATIENCE_MS = 300_000;

export interface TuningServer {
  /** With the version of the API. */
  readonly address: string;
  close(): Promise<void>;
}

export async function openTuningServer(desk: Desk, key: string, port: number): Promise<TuningServer> {
  const server = await openKeyedServer({
    port,
    key,
    patience: PATIENCE_MS,
    refuse: sendError,
    answer: (request, response) => answerRoute(desk, request, response),
  });
  return {
    address: `${server.address}/v1`,
    async close() {
      server.close();
      await desk.answers.close();
      await desk.jobs.close();
    },
  };
}
