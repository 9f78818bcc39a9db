import { FileError } from './errors.js';
import type { NpyFile } from './npy-file.js';
import { formatElement } from './shape.js';

type Elements = Uint8Array | Int32Array;

/** What repeats is kept at least this often, so that few copies fill a block. */
const KEPT_ELEMENTS = 4096;

/** How elements are made and read. */
export interface Kind<T extends Elements> {
  make(elements: number): T;
  read(file: NpyFile, into: T): Promise<void>;
}

/** Elements that go with rows, of a .npy: read once beside them, or, where there are fewer, kept and repeated. */
export class BesideFile<T extends Elements> {
  private constructor(
    private readonly file: NpyFile,
    private readonly kind: Kind<T>,
    /** null: they are read as they come. */
    private readonly kept: T | null,
    private next: number,
  ) {}

  /**
   * @param period how many elements there are before they repeat
   * @param all how many the rows need
   * @param from the first that is wanted
   */
  static async open<T extends Elements>(
    file: NpyFile,
    kind: Kind<T>,
    period: number,
    all: number,
    from: number,
  ): Promise<BesideFile<T>> {
    if (period === all) {
      await file.skip(from);
      return new BesideFile(file, kind, null, from);
    }
    const kept = await readAll(file, kind, period);
    return new BesideFile(file, kind, kept, from);
  }

  get name(): string {
    return this.file.name;
  }

  async fill(into: T): Promise<void> {
    if (this.kept === null) {
      if (this.next + into.length > this.file.elements) throw this.wrongCount('more');
      await this.kind.read(this.file, into);
    } else this.repeat(this.kept, into);
    this.next += into.length;
  }

  private repeat(kept: T, into: T): void {
    for (let at = 0; at < into.length;) {
      const from = (this.next + at) % kept.length;
      const part = kept.subarray(from, from + into.length - at);
      into.set(part, at);
      at += part.length;
    }
  }

  /** The i-th element of those that came last but for `count`, as messages name it. */
  nameOf(i: number, count: number): string {
    return formatElement((this.next - count + i) % this.file.elements, this.file.shape, this.file.fortran);
  }

  /** After the last element: none must be left over, where `all` is wanted. */
  async end(all: boolean): Promise<void> {
    if (this.kept !== null) return;
    if (all && this.next !== this.file.elements) throw this.wrongCount(String(this.next));
    if (this.next === this.file.elements) await this.file.end();
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private wrongCount(got: string): FileError {
    return new FileError(
      this.name,
      `expected an element for every one of the rows, got ${this.file.elements} for ${got}`,
    );
  }
}

/** All elements of a file, several times where they are few. */
export async function readAll<T extends Elements>(file: NpyFile, kind: Kind<T>, period: number): Promise<T> {
  try {
    const kept = kind.make(period * Math.ceil(KEPT_ELEMENTS / period));
    await kind.read(file, kept.subarray(0, period) as T);
    await file.end();
    for (let at = period; at < kept.length; at += period) kept.copyWithin(at, 0, period);
    return kept;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FileError(file.name, `expected what repeats to fit memory, got ${period} elements`);
  }
}
