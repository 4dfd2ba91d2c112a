/**
 * The API between what people see and what does the work: typed calls and streams, with checked inputs. One contract serves
 * two hosts, an Electron window over a MessagePort and a browser tab over a WebSocket. It is loaded in every process, so
 * it imports zod and the contract builder, and of the app only types.
 */
import { computer, files, host, settings } from './contract/computer.ts';
import { data, drafts, plan } from './contract/data.ts';
import { devices } from './contract/devices.ts';
import { learn } from './contract/learn.ts';
import { models } from './contract/models.ts';
import { chat, jobs, runs } from './contract/runs.ts';

export const contract = {
  computer,
  devices,
  host,
  files,
  settings,
  models,
  data,
  drafts,
  plan,
  jobs,
  runs,
  chat,
  learn,
};
export type Contract = typeof contract;

export type * from '../main/engine/protocol.ts';
export type * from './contract/computer.ts';
export type * from './contract/data.ts';
export type * from './contract/devices.ts';
export type * from './contract/hardware.ts';
export type * from './contract/learn.ts';
export type * from './contract/models.ts';
export type * from './contract/plan.ts';
export type * from './contract/proposal.ts';
export type * from './contract/runs.ts';
