/** A heap of columns and values, f32, the last in the order on top: largest first, equals by the lower index. */

/** Whether element i of the two comes after j. */
// @ts-ignore: decorator
@inline
function follows(values: usize, columns: usize, i: u32, j: u32): bool {
  const a = load<f32>(values + ((<usize>i) << 2));
  const b = load<f32>(values + ((<usize>j) << 2));
  return a < b || (a == b && load<u32>(columns + ((<usize>i) << 2)) > load<u32>(columns + ((<usize>j) << 2)));
}

function swap(p: usize, i: u32, j: u32): void {
  const a = load<u32>(p + ((<usize>i) << 2));
  store<u32>(p + ((<usize>i) << 2), load<u32>(p + ((<usize>j) << 2)));
  store<u32>(p + ((<usize>j) << 2), a);
}

function sink(values: usize, columns: usize, i: u32, n: u32): void {
  for (;;) {
    let child: u32 = 2 * i + 1;
    if (child >= n) return;
    if (child + 1 < n && follows(values, columns, child + 1, child)) child++;
    if (!follows(values, columns, child, i)) return;
    swap(values, i, child);
    swap(columns, i, child);
    i = child;
  }
}

/** Puts n values and their columns in order. */
export function order(values: usize, columns: usize, n: u32): void {
  for (let i = n >> 1; i-- > 0;) sink(values, columns, i, n);
  for (let last = n; last-- > 1;) {
    swap(values, 0, last);
    swap(columns, 0, last);
    sink(values, columns, 0, last);
  }
}
