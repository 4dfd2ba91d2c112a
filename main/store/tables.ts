/**
 * The columns of every table, for the query builder. A change here comes with a migration that makes it true
 * in stores that exist; texts named `…Json` hold JSON in which paths inside the data folder are relative (see
 * base.ts).
 */
import type { Generated } from 'kysely';
import type { ColumnKey } from '../../common/step-figures.ts';

/** A flag as SQLite keeps it. */
export type Bit = 0 | 1;

export interface RunsTable {
  /** Small and internal: what the big tables refer to. */
  key: Generated<number>;
  id: string;
  name: string;
  state: string;
  model: string;
  data: string;
  method: string;
  learned: string | null;
  forgot: string | null;
  bestLoss: number | null;
  seconds: number | null;
  created: string;
  tagsJson: Generated<string>;
  started: string | null;
  ended: string | null;
  step: Generated<number>;
  steps: number | null;
  /** Milliseconds since 1970; null: not in the bin. */
  binned: number | null;
  folder: string;
  modelId: string | null;
  dataset: number | null;
  /** Id of the run that this one repeats with a change. */
  repeats: string | null;
  dataHash: string | null;
  modelHash: string | null;
  executor: string | null;
  notes: Generated<string>;
  verdictJson: string | null;
  problemJson: string | null;
  promptsJson: string;
  machineJson: string;
  versionsJson: string;
  startJson: string | null;
  doneJson: string | null;
  configJson: string;
  /** Of the verdict, higher for better; null where there is none. */
  score: number | null;
  /** The best of the simpler ways beside it. */
  rivalJson: string | null;
}

/** One optimizer step a row. Null stands for a number that is not one. */
export interface MetricsTable extends Record<Exclude<ColumnKey, 'step'>, number | null> {
  run: number;
  number: number;
  at: number;
  step: number;
  /** Figures without a column, by their names. */
  moreJson: string | null;
}

export interface ModelsTable {
  id: string;
  name: string;
  family: string;
  format: string;
  path: string;
  parameters: number;
  bytes: number;
  licence: string | null;
  source: string;
  repo: string | null;
  revision: string | null;
  hasChatTemplate: Bit;
  added: string;
  /** Null where it was added before this column. */
  skillsJson: string | null;
  /** An encoder, which writes nothing. */
  reads: Bit;
}

/** Settings, whatever else is kept, and facts about the store itself: a value by name. */
interface ValuesTable {
  name: string;
  valueJson: string;
}

export interface Tables {
  runs: RunsTable;
  datasets: {
    key: Generated<number>;
    name: string;
    pathsJson: string;
    hash: string | null;
    rows: number | null;
    added: string;
  };
  /** What the engine said, except for steps and samples, which have tables of their own. */
  events: {
    run: number;
    number: number;
    at: number;
    kind: string;
    eventJson: string;
  };
  metrics: MetricsTable;
  samples: {
    run: number;
    number: number;
    at: number;
    step: number;
    prompt: string;
    text: string;
  };
  assessments: {
    run: number;
    resultJson: string;
  };
  exports: {
    id: string;
    run: number;
    created: string;
    out: string;
    resultJson: string;
  };
  models: ModelsTable;
  hardwareReports: {
    key: Generated<number>;
    made: string;
    reportJson: string;
  };
  drafts: {
    id: string;
    updated: string;
    contentJson: string;
  };
  conversations: {
    id: string;
    name: string;
    updated: string;
    contentJson: string;
  };
  settings: ValuesTable;
  kept: ValuesTable;
  about: ValuesTable;
}
