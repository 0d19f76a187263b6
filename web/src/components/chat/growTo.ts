/** A field as high as its text, up to a limit. */
export function growTo(field: HTMLTextAreaElement | null, most: number): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${Math.min(most, field.scrollHeight)}px`;
}
