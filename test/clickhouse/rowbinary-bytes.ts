/** What ClickHouse's documentation says that RowBinary is: a column Array(Float32), and one Int32 with labels. */
export function rowBinary(rows: readonly (readonly number[])[], labels?: readonly number[]): Buffer {
  const parts = rows.map((row, r) => {
    const data = Buffer.alloc(4 * row.length + (labels === undefined ? 0 : 4));
    row.forEach((value, i) => data.writeFloatLE(value, 4 * i));
    if (labels !== undefined) data.writeInt32LE(labels[r]!, 4 * row.length);
    return Buffer.concat([leb128(row.length), data]);
  });
  return Buffer.concat(parts);
}

function leb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}
