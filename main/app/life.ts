/** What goes on beside the calls while a host is open: what continues once its queue does, and what ends before its parts are closed. */
export class Life {
  readonly #opening: (() => void)[] = [];
  readonly #closing: (() => void)[] = [];

  during({ open, close }: { readonly open: () => void; readonly close: () => void }): void {
    this.#opening.push(open);
    this.#closing.push(close);
  }

  open(): void {
    for (const begin of this.#opening) begin();
  }

  close(): void {
    for (const end of this.#closing) end();
  }
}
