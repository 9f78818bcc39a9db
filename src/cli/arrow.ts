import {
  checkTypes,
  locateLabels,
  locateLogits,
  sizeOfAll,
  type Arrow,
  type ColumnSize,
  type Located,
  type LogitsColumn,
} from './arrow-layout.js';
import type { Batch } from './arrow-batch.js';
import { ArrowColumnWriter, END } from './arrow-column.js';
import { MessageReader } from './arrow-message.js';
import type { Block } from './block.js';
import type { ByteInput } from './byte-input.js';
import { UsageError } from './errors.js';
import type { ByteOutput } from './output-file.js';
import { checkCols, type Result, type RowOptions, type RowReader, type RowWriter } from './rows.js';

/** Of an import: Node's, and those of Yarn's Plug'n'Play, whose own text is of no use here. */
const NOT_FOUND = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/**
 * An Arrow IPC stream with a column of lists of float32. Record batches are written in the bytes they came in, but for
 * the logits, which the results replace; other columns stay. Results that are not as long as the rows are a stream of one column.
 */
export async function openArrow(input: ByteInput, options: RowOptions): Promise<RowReader> {
  const { cols, column, shard, labels, labelColumn } = options;
  if (shard !== undefined) {
    throw new UsageError('expected npy or f32 with --shard, as the rows of an Arrow stream cannot be counted');
  }
  if (labels && labelColumn === undefined) throw new UsageError('expected --targets with a .npy, or --target-column');
  const arrow = await load();
  const messages = new MessageReader(input, arrow);
  const { schema, frame } = await messages.readSchema();
  checkTypes(arrow, schema, input.name);
  const logits = locateLogits(arrow, schema, input.name, column);
  if (logits.cols !== null) checkCols(input.name, cols, logits.cols);
  const labelled = labels ? locateLabels(arrow, schema, input.name, labelColumn!) : null;
  return new ArrowReader(arrow, input, messages, frame, sizeOfAll(arrow, schema), logits, labelled, cols);
}

async function load(): Promise<Arrow> {
  try {
    return await import('apache-arrow');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !NOT_FOUND.includes(code)) throw error;
    throw new UsageError('--format arrow needs the package apache-arrow: npm install apache-arrow', false);
  }
}

/** A batch is a block, whatever its size. */
class ArrowReader implements RowReader {
  readonly from = 0;
  readonly cols: number | null;
  private done = 0;

  constructor(
    private readonly arrow: Arrow,
    readonly input: ByteInput,
    private readonly messages: MessageReader,
    private readonly schemaFrame: Uint8Array,
    private readonly size: ColumnSize | null,
    private readonly logits: LogitsColumn,
    private readonly labels: Located | null,
    private readonly wantedCols: number | undefined,
  ) {
    this.cols = logits.cols ?? wantedCols ?? null;
  }

  async read(block: Block): Promise<boolean> {
    const batch = await this.messages.readBatch(block, this.done);
    if (batch === null) return false;
    batch.check(this.size, this.logits, this.labels);
    block.first = this.done;
    block.validity = batch.validity(this.logits);
    this.place(block, batch);
    if (this.labels !== null) block.labels = batch.labels(this.labels);
    block.growScalars(block.rows);
    this.done += block.rows;
    return true;
  }

  /** Finds the batch's rows in its bytes. */
  private place(block: Block, batch: Batch): void {
    const { logits, wantedCols } = this;
    const { start, count } = batch.values(logits);
    if (batch.rows === 0) return block.setRows(0, 0);
    if (logits.cols !== null) {
      if (count < batch.rows * logits.cols) throw batch.fail('a column lies outside of the batch');
      block.setRows(batch.rows, logits.cols, start);
      batch.checkNoNulls(logits, (row) => row * logits.cols!, block.validity);
      return;
    }
    const { starts, lengths } = batch.lists(logits, count);
    batch.checkNoNulls(
      logits,
      (row) => (row < batch.rows ? starts[row]! : starts[row - 1]! + lengths[row - 1]!),
      block.validity,
    );
    const other = lengths.findIndex((length) => wantedCols !== undefined && length !== wantedCols);
    if (other >= 0) {
      throw batch.fail(`row ${this.done + other}: expected ${wantedCols} elements (--cols), got ${lengths[other]}`);
    }
    for (let r = 0; r < batch.rows; r++) starts[r]! += start;
    block.setRaggedRows(starts, lengths);
  }

  async writer(output: ByteOutput, result: Result): Promise<RowWriter> {
    if (result.of !== 'row') return ArrowColumnWriter.open(this.arrow, output, this.logits.name, result);
    await output.write(this.schemaFrame);
    return new BatchWriter(output);
  }
}

/** The batches in the bytes that they came in. */
class BatchWriter implements RowWriter {
  constructor(private readonly output: ByteOutput) {}

  write({ frame }: Block): Promise<void> {
    return this.output.write(frame);
  }

  async end(): Promise<void> {
    await this.output.write(END);
    await this.output.commit();
  }
}
