/**
 * The API between what people see and what does the work: typed calls and streams, with checked inputs. One contract serves two hosts, an
 * Electron window over a MessagePort and a browser tab over a WebSocket. It is loaded in every process, so it imports zod and the contract
 * builder, and of the app only types.
 */
import type { AnySchema, ContractProcedure, ErrorMap, InferSchemaOutput, Meta } from '@orpc/contract';
import * as extras from '../extras/calls.ts';
import { computer, devices, files, host, settings } from './computer.ts';
import { conversations } from './conversations.ts';
import { data, drafts, plan } from './data.ts';
import { models, sources } from './models.ts';
import { chat, endpoint, jobs, runs } from './runs.ts';
import { targets } from './targets.ts';

export const contract = {
  computer,
  devices,
  host,
  files,
  settings,
  models,
  data,
  sources,
  drafts,
  plan,
  jobs,
  runs,
  chat,
  conversations,
  endpoint,
  targets,
  ...extras,
};
export type Contract = typeof contract;

/** What the handler of a call gets: checked, and with the defaults. */
export type CallInput<Section extends keyof Contract, Name extends keyof Contract[Section]> =
  Contract[Section][Name] extends ContractProcedure<infer Input extends AnySchema, AnySchema, ErrorMap, Meta>
    ? InferSchemaOutput<Input>
    : never;

export type * from '../protocol/protocol.ts';
export type { Problem, Subject } from './base.ts';
export type * from './computer.ts';
export type * from './conversations.ts';
export type * from './data.ts';
export type * from './hardware.ts';
export type * from './models.ts';
export type * from './plan.ts';
export type * from './runs.ts';
export type * from './targets.ts';
