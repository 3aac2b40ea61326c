/** Why something did not arrive. */
export interface Trouble {
  /** For people. */
  words: string;
  /** Less at a time might get through. */
  tooMuch: boolean;
}
