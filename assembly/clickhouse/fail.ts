/** Errors of a query: a message in the grammar of the package, thrown by the host. */

// @ts-ignore: decorator
@external('env', 'clickhouse_throw')
declare function clickhouse_throw(ptr: usize, size: usize): void;

/** The message; every part of it is far shorter than the room that is left for it. */
const message = memory.data(1024);
let length: usize = 0;

/** Appends text, which is ASCII. */
export function text(part: string): void {
  for (let i = 0; i < part.length; i++) character(part.charCodeAt(i));
}

function character(code: i32): void {
  store<u8>(message + length++, <u8>code);
}

/** Appends an integer. */
export function number(value: i64): void {
  if (value < 0) character(45);
  let rest: u64 = value < 0 ? 0 - <u64>value : <u64>value;
  let unit: u64 = 1;
  while (rest / unit >= 10) unit *= 10;
  for (; unit; unit /= 10) {
    character(48 + <i32>(rest / unit));
    rest %= unit;
  }
}

/** Appends a float with six digits: 0.5, -1, 1.5e-7. */
export function float(value: f64): void {
  if (value != value) return text('NaN');
  if (value < 0) character(45);
  let size = abs(value);
  if (size == Infinity) return text('Infinity');
  let exponent: i32 = 0;
  if (size != 0 && (size < 1e-4 || size >= 1e6)) {
    for (; size >= 10; size /= 10) exponent++;
    for (; size < 1; size *= 10) exponent--;
  }
  const millionths = <u64>nearest(size * 1e6);
  number(millionths / 1000000);
  let fraction = millionths % 1000000;
  if (fraction) {
    character(46);
    for (let unit: u64 = 100000; fraction; unit /= 10) {
      character(48 + <i32>(fraction / unit));
      fraction %= unit;
    }
  }
  if (exponent) {
    character(101);
    number(exponent);
  }
}

/** Ends the call, and with it the query. */
export function fail(): void {
  const size = length;
  length = 0;
  clickhouse_throw(message, size);
  unreachable();
}
