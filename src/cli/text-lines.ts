import { readFile } from 'node:fs/promises';
import type { Block } from './block.js';
import { asFileError, FileError } from './errors.js';
import type { ByteOutput } from './output-file.js';
import type { RowReader, RowWriter } from './rows.js';

/** Lines are written in parts of about so many characters. */
const PART = 1 << 16;
/** What a float32 has for sure. */
const DIGITS = 6;

/** Names of classes, and the file that they are of. */
interface Names {
  readonly path: string;
  readonly names: readonly string[];
}

/** What makes the writers of lines: with names in the place of the classes' numbers, and values behind them. */
export async function openLines(namesPath: string | undefined, hasValues: boolean) {
  const names = namesPath === undefined ? null : { path: namesPath, names: await namesIn(namesPath) };
  return (output: ByteOutput, { cols, from, input }: RowReader): RowWriter => {
    if (names !== null && cols !== null && names.names.length !== cols) {
      const rule = `expected ${cols} names, one for each column of ${input.name}`;
      throw new FileError(names.path, `${rule}, got ${names.names.length}`);
    }
    return new LineWriter(output, from, names, hasValues);
  };
}

/** One a line. */
async function namesIn(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw asFileError(path, error);
  });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FileError(path, 'expected text in UTF-8');
  }
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

/** `row: class p, class p`, -1 for a row that has no class. */
class LineWriter implements RowWriter {
  constructor(
    private readonly output: ByteOutput,
    private readonly from: number,
    private readonly names: Names | null,
    private readonly hasValues: boolean,
  ) {}

  async write(block: Block): Promise<void> {
    let lines = '';
    for (const { row, rows, result, width } of block.runs) {
      for (let r = 0; r < rows; r++) {
        const name = this.from + block.first + row + r;
        lines += `${name}: ${this.classesOf(block, row + r, result + r * width, width)}\n`;
        if (lines.length < PART) continue;
        await this.output.write(Buffer.from(lines));
        lines = '';
      }
    }
    await this.output.write(Buffer.from(lines));
  }

  end(): Promise<void> {
    return this.output.commit();
  }

  private classesOf({ indices, scalars, validity }: Block, row: number, at: number, width: number): string {
    if (validity !== null && ((validity[row >> 3]! >> (row & 7)) & 1) === 0) return 'null';
    const found: string[] = [];
    for (let i = at; i < at + width && indices[i]! >= 0; i++) {
      const value = this.hasValues ? ` ${Number(scalars[i]!.toPrecision(DIGITS))}` : '';
      found.push(this.nameOf(indices[i]!) + value);
    }
    return found.join(', ') || '-1';
  }

  private nameOf(index: number): string {
    if (this.names === null) return String(index);
    const { path, names } = this.names;
    const name = names[index];
    if (name === undefined) throw new FileError(path, `expected a name for class ${index}, got ${names.length} names`);
    return name;
  }
}
