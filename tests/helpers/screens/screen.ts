/** One screen or state of the application: where it is, what the world is like, and what a person does to see it. */
import type { Locator, Page } from 'playwright-core';
import type { WebServer } from '../../../main/serve/serve.ts';
import type { FakeWorld } from '../fake-api/world.ts';

export interface Screen {
  /** The name of its picture. */
  readonly name: string;
  /** What it shows, as the index says it. */
  readonly title: string;
  /** The address behind `#/`. */
  readonly at: string;
  /** How the world differs from the usual one of the fake API. */
  readonly world?: (world: FakeWorld) => void;
  /** What a person does there before it is looked at. */
  readonly act?: (page: Page, server: WebServer) => Promise<unknown>;
  /** Whether the host is closed by that. */
  readonly endsHost?: boolean;
  /** What is to be seen when it is complete. */
  readonly ready: (page: Page) => Locator;
  /** The screen that it shows further down: the same elements, scrolled to. */
  readonly partOf?: string;
  /** How many words of Fettle’s it may show, where a person has opened more or something is wrong. */
  readonly words?: number;
  /** One of the main ones: its picture is also taken in the dark theme. */
  readonly main?: boolean;
  /** Its picture is also taken in a large window. */
  readonly wide?: boolean;
}

export const heading =
  (name: string | RegExp) =>
  (page: Page): Locator =>
    page.getByRole('heading', { name }).first();
export const text =
  (words: string | RegExp) =>
  (page: Page): Locator =>
    page.getByText(words).first();
export const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('button', { name }).first();

/** Brings a heading to the upper edge. */
export async function scrollTo(page: Page, name: string | RegExp): Promise<void> {
  await toTop(page.getByRole('heading', { name }).first());
}

/** Brings a place to the upper edge. */
export async function toTop(place: Locator): Promise<void> {
  await place.evaluate((element) => element.scrollIntoView({ block: 'start', behavior: 'instant' }));
}

/** Brings a place to the middle of the window. */
export async function toMiddle(place: Locator): Promise<void> {
  await place.evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
}

/** Takes an option of a list that opens. */
export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option }).first().click();
}
