/** A page that an extra has in the window's menu. */
export interface MenuPage {
  /** The first segment of its address. */
  readonly page: string;
  readonly label: () => string;
}
