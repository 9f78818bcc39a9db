import type { DataType, Field, Schema } from 'apache-arrow';
import type * as ArrowModule from 'apache-arrow';
import { FileError } from './errors.js';

export type Arrow = typeof ArrowModule;

/**
 * Where a column's parts lie in every record batch: a batch lists a node for each field and its buffers, children after
 * their parents (https://arrow.apache.org/docs/format/Columnar.html#recordbatch-message).
 */
export interface Located {
  readonly name: string;
  readonly type: DataType;
  readonly node: number;
  readonly buffer: number;
}

type Column = Pick<Located, 'name' | 'type'>;

/** How many nodes and buffers a batch has for a column, or for all. */
export interface ColumnSize {
  readonly nodes: number;
  readonly buffers: number;
}

/** Rows of float32: FixedSizeList, List or LargeList. `cols` is null where each row has its own length. */
export interface LogitsColumn extends Located {
  readonly cols: number | null;
  readonly offsetBytes: 0 | 4 | 8;
  readonly offsetsBuffer: number;
  readonly valuesNode: number;
  readonly valuesBuffer: number;
}

/** Refuses lists of nothing in particular, and maps of no pairs, at any depth: whoever reads on takes their elements' type for granted. */
export function checkTypes(arrow: Arrow, schema: Schema, file: string): void {
  const check = ({ name, type }: Column): void => {
    const { dictionary } = type as { dictionary?: DataType };
    const inner: readonly (Column | undefined)[] =
      dictionary === undefined ? childrenOf(type) : [{ name, type: dictionary }];
    const wrong =
      inner.includes(undefined) ||
      (isListOrMap(arrow, type) && inner.length !== 1) ||
      (arrow.DataType.isMap(type) && !arrow.DataType.isStruct(inner[0]!.type));
    if (wrong) throw new FileError(file, `expected column "${name}" to have a type of elements`);
    for (const child of inner) check({ name, type: child!.type });
  };
  fieldsOf(schema).forEach(check);
}

/** What all columns take; null where every batch says how many. */
export function sizeOfAll(arrow: Arrow, schema: Schema): ColumnSize | null {
  return sumOf(fieldsOf(schema).map(({ type }) => sizeOf(arrow, type)));
}

/** The column of logits: the one named, else the only one of lists of float32. */
export function locateLogits(arrow: Arrow, schema: Schema, file: string, column: string | undefined): LogitsColumn {
  const isRow = ({ type }: { type: DataType }) =>
    isList(arrow, type) && isFloat32(arrow, (type.children[0] as Field<DataType>).type);
  const rows = fieldsOf(schema)
    .filter(isRow)
    .map(({ name }) => name);
  const found = column ?? (rows.length === 1 ? rows[0]! : null);
  if (found === null) {
    const got = rows.length === 0 ? `columns ${describe(schema)}` : `${rows.join(', ')}: --column says which`;
    throw new FileError(file, `expected one column of lists of float32, got ${got}`);
  }
  const located = locate(arrow, schema, file, found);
  const { type, node, buffer } = located;
  if (!isRow({ type }))
    throw new FileError(file, `expected column "${found}" to be lists of float32, got ${nameOf(type)}`);
  const fixed = arrow.DataType.isFixedSizeList(type);
  if (fixed && !(type.listSize > 0)) {
    throw new FileError(file, `expected at least one class, got ${type.listSize} in column "${found}"`);
  }
  return {
    ...located,
    cols: fixed ? type.listSize : null,
    offsetBytes: fixed ? 0 : arrow.DataType.isList(type) ? 4 : 8,
    offsetsBuffer: buffer + 1,
    valuesNode: node + 1,
    // Behind the list's validity and offsets comes the validity of the values.
    valuesBuffer: buffer + (fixed ? 2 : 3),
  };
}

const INT_BITS: ReadonlySet<number> = new Set([8, 16, 32, 64]);

/** The column of class indices. */
export function locateLabels(arrow: Arrow, schema: Schema, file: string, column: string): Located {
  const located = locate(arrow, schema, file, column);
  if (arrow.DataType.isInt(located.type) && INT_BITS.has(located.type.bitWidth)) return located;
  throw new FileError(file, `expected column "${column}" to be class indices, got ${nameOf(located.type)}`);
}

function locate(arrow: Arrow, schema: Schema, file: string, column: string): Located {
  let node = 0;
  let buffer = 0;
  for (const { name, type } of fieldsOf(schema)) {
    if (name === column) return { name, type, node, buffer };
    const size = sizeOf(arrow, type);
    if (size === null)
      throw new FileError(file, `expected "${column}" before column "${name}", whose type is ${nameOf(type)}`);
    node += size.nodes;
    buffer += size.buffers;
  }
  throw new FileError(file, `expected a column "${column}", got ${describe(schema)}`);
}

/** How many nodes and buffers a column takes; null where every batch says how many. */
function sizeOf(arrow: Arrow, type: DataType): ColumnSize | null {
  const own = ownBuffers(arrow, type);
  if (own === null) return null;
  // A dictionary's values come in messages of their own.
  const children = arrow.DataType.isDictionary(type) ? [] : childrenOf(type);
  return sumOf([{ nodes: 1, buffers: own }, ...children.map((child) => sizeOf(arrow, child!.type))]);
}

function sumOf(sizes: readonly (ColumnSize | null)[]): ColumnSize | null {
  let sum = { nodes: 0, buffers: 0 };
  for (const size of sizes) {
    if (size === null) return null;
    sum = { nodes: sum.nodes + size.nodes, buffers: sum.buffers + size.buffers };
  }
  return sum;
}

/** What stands in the file: none for a plain type, perhaps less than a list needs. */
function childrenOf(type: DataType): readonly (Field<DataType> | undefined)[] {
  return (type.children as Field<DataType>[] | null) ?? [];
}

function ownBuffers({ Type, UnionMode, DataType }: Arrow, type: DataType): number | null {
  switch (type.typeId) {
    case Type.Null:
      return 0;
    case Type.Struct:
    case Type.FixedSizeList:
      return 1;
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Binary:
    case Type.LargeBinary:
      return 3;
    case Type.Union:
      return DataType.isUnion(type) && type.mode === UnionMode.Dense ? 2 : 1;
    case Type.Utf8View:
    case Type.BinaryView:
      return null;
    default:
      return 2;
  }
}

function isList({ DataType }: Arrow, type: DataType): boolean {
  return DataType.isFixedSizeList(type) || DataType.isList(type) || DataType.isLargeList(type);
}

function isListOrMap(arrow: Arrow, type: DataType): boolean {
  return isList(arrow, type) || arrow.DataType.isMap(type);
}

function isFloat32({ DataType, Precision }: Arrow, type: DataType): boolean {
  return DataType.isFloat(type) && type.precision === Precision.SINGLE;
}

function describe(schema: Schema): string {
  return fieldsOf(schema)
    .map(({ name, type }) => `${name} (${nameOf(type)})`)
    .join(', ');
}

function nameOf(type: DataType): string {
  return (type as { toString: () => string }).toString();
}

function fieldsOf({ fields }: Schema): readonly Field<DataType>[] {
  return fields;
}
