/** What somebody else has written must not be run: a cell that begins as a formula is made a text by an apostrophe. */
export function spreadsheetCell(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
