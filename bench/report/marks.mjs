import { format, resolveConfig } from 'prettier';

/**
 * A page with `content` between two of its lines, formatted as the others are.
 *
 * @param {string} page
 * @param {string} file its name, for messages and for Prettier
 * @param {[begin: string, end: string]} marks
 * @param {string} content
 */
export async function between(page, file, [begin, end], content) {
  const [before, rest = ''] = page.split(begin);
  const [, after] = rest.split(end);
  if (after === undefined) throw new Error(`${file} lacks its marks ${begin} and ${end}`);
  const whole = `${before}${begin}\n\n${content}\n\n${end}${after}`;
  return format(whole, { ...(await resolveConfig(file)), filepath: file });
}
