const [BEGIN, END] = ['<!-- bench:begin -->', '<!-- bench:end -->'];

/** The text with its marked section replaced. @throws Error if the marks are not there, in this order */
export function withSection(text: string, section: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`the document lacks ${BEGIN} or, after it, ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n${section}\n${text.slice(end)}`;
}
