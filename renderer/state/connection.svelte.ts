/** Whether the app can be reached, for the banner above every page. */
export type ConnectionState = 'connecting' | 'open' | 'lost';

export class Connection {
  state = $state<ConnectionState>('connecting');
  /** How often it has been opened: state that was read before a break is read again when this grows. */
  times = $state(0);
  /** False when the host did not take the token of the address. */
  admitted = $state(true);

  opened(): void {
    this.state = 'open';
    this.times += 1;
    this.admitted = true;
  }

  closed(): void {
    this.state = 'lost';
  }
}

export const connection = new Connection();
