/** The words of the page inside an answer. */
export interface Labels {
  copy: string;
  text: string;
  table: string;
  code: string;
  done: string;
  todo: string;
  image(alt: string): string;
}
