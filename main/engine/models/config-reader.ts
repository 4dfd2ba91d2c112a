/** Reads a model's config.json field by field. A missing key takes the default of the family's class, as Transformers has it. */
import { AppError } from '../../../common/errors.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** The error for a model that Fettle cannot train, saying what about it is not supported; the registry adds what can be chosen. */
export function unsupported(what: string): AppError {
  return new AppError('unsupported-model', `This model cannot be used: ${what}.`, '');
}

/** The error for a configuration whose entries contradict each other or make no sense. */
export function mismatch(what: string): AppError {
  return new AppError(
    'bad-model-config',
    `config.json: ${what}.`,
    'Download the model again, or choose another one.',
  );
}

export class ConfigReader {
  readonly json: JsonObject;

  constructor(json: JsonObject) {
    this.json = json;
  }

  has(key: string): boolean {
    return this.json[key] !== undefined;
  }

  /** A positive whole number; sizes beyond `limit` are refused as damaged files. */
  size(key: string, fallback?: number, limit = 1 << 24): number {
    const value = this.#value(key, fallback);
    if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= limit) return value;
    throw this.#wrong(key, `a whole number from 1 to ${limit}`, value);
  }

  /** A size that may be null or absent. */
  optionalSize(key: string): number | null {
    const value = this.json[key];
    return value === undefined || value === null ? null : this.size(key);
  }

  number(key: string, fallback?: number): number {
    const value = this.#value(key, fallback);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.#wrong(key, 'a number', value);
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#value(key, fallback);
    if (typeof value === 'boolean') return value;
    throw this.#wrong(key, 'true or false', value);
  }

  text(key: string, fallback?: string): string {
    const value = this.#value(key, fallback);
    if (typeof value === 'string') return value;
    throw this.#wrong(key, 'a text', value);
  }

  numbers(key: string): number[] {
    const value = this.json[key];
    if (Array.isArray(value) && value.every((v) => typeof v === 'number')) return value as number[];
    throw this.#wrong(key, 'a list of numbers', value);
  }

  texts(key: string): string[] | null {
    const value = this.json[key];
    if (value === undefined || value === null) return null;
    if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return value as string[];
    throw this.#wrong(key, 'a list of texts', value);
  }

  object(key: string): ConfigReader | null {
    const value = this.json[key];
    if (value === undefined || value === null) return null;
    if (typeof value === 'object' && !Array.isArray(value)) return new ConfigReader(value as JsonObject);
    throw this.#wrong(key, 'an object', value);
  }

  #value(key: string, fallback: Json | undefined): Json | undefined {
    return this.json[key] === undefined ? fallback : this.json[key];
  }

  #wrong(key: string, expected: string, came: Json | undefined): AppError {
    const shown = came === undefined ? 'nothing' : JSON.stringify(came).slice(0, 80);
    return new AppError(
      'bad-model-config',
      `config.json: "${key}" should be ${expected}, but is ${shown}.`,
      'Download the model again, or choose another one.',
    );
  }
}
