import type { Data, DataType, Float32, Int32, List, Schema } from 'apache-arrow';
import type { Arrow } from './arrow-layout.js';
import type { Block } from './block.js';
import type { ByteOutput } from './output-file.js';
import type { Result, RowWriter } from './rows.js';

/** After the last message. */
export const END = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** One column of float32 or int32, or of lists of them; a row that was missing stays so. */
export class ArrowColumnWriter implements RowWriter {
  private constructor(
    private readonly arrow: Arrow,
    private readonly output: ByteOutput,
    private readonly schema: Schema,
    private readonly schemaBytes: number,
    private readonly result: Result,
    private readonly element: Float32 | Int32,
  ) {}

  static async open(arrow: Arrow, output: ByteOutput, name: string, result: Result): Promise<RowWriter> {
    const element = result.of === 'indices' ? new arrow.Int32() : new arrow.Float32();
    const type = result.k === undefined ? element : listOf(arrow, element);
    const schema = new arrow.Schema([new arrow.Field<DataType>(name, type, true)]);
    const empty = arrow.tableToIPC(new arrow.Table(schema, []), 'stream');
    const schemaBytes = empty.length - END.length;
    await output.write(empty.subarray(0, schemaBytes));
    return new ArrowColumnWriter(arrow, output, schema, schemaBytes, result, element);
  }

  async write(block: Block): Promise<void> {
    const { arrow, schema, schemaBytes } = this;
    const { rows } = block;
    const type = new arrow.Struct(schema.fields);
    const batch = new arrow.RecordBatch(
      schema,
      arrow.makeData({ type, length: rows, children: [this.columnOf(block)] }),
    );
    const bytes = arrow.tableToIPC(new arrow.Table(schema, [batch]), 'stream');
    await this.output.write(bytes.subarray(schemaBytes, bytes.length - END.length));
  }

  private columnOf(block: Block): Data {
    const { arrow, result, element } = this;
    const { rows, validity: nullBitmap } = block;
    if (result.k === undefined) return this.elements(block, rows, nullBitmap);
    const valueOffsets = new Int32Array(rows + 1);
    for (const { row, rows: count, result: start, width } of block.runs) {
      for (let r = 0; r < count; r++) valueOffsets[row + r + 1] = start + (r + 1) * width;
    }
    const child = this.elements(block, valueOffsets[rows]!, null);
    return arrow.makeData({ type: listOf(arrow, element), length: rows, nullBitmap, valueOffsets, child });
  }

  private elements(block: Block, length: number, nullBitmap: Uint8Array | null): Data<Float32 | Int32> {
    // Arrow's arrays lie in ordinary memory.
    const data = block.arrayOf(this.result).slice(0, length);
    return this.arrow.makeData({ type: this.element as Float32, length, data: data as Float32Array, nullBitmap });
  }

  async end(): Promise<void> {
    await this.output.write(END);
    await this.output.commit();
  }
}

function listOf(arrow: Arrow, element: Float32 | Int32): List<Float32 | Int32> {
  return new arrow.List(new arrow.Field('item', element, true));
}
