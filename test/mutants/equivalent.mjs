/** @type {import('./faults.mjs').Equivalent[]} */
export const EQUIVALENT = [
  {
    id: 'ln2-lo-of-itself',
    what: 'LN2_LO off by 1e-6 of its own value',
    file: 'assembly/table.ts',
    find: 'k.ln2Lo = splat(ln2 - hi);',
    replace: 'k.ln2Lo = splat((ln2 - hi) * 1.000001);',
    proof:
      'LN2_LO is at most half of the last of 14 leading bits, 2^-14·ln2·T, so e moves by n · 2^-14·ln2 · 1e-6 relative. In ' +
      'a quotient of two e only the difference of their n counts, at most 127: 5.4e-9, a tenth of 2^-24. In rest / e_max, ' +
      'with e_max from float64, |n| ≤ 505 does: 2.2e-8, a third of 2^-24, where logSoftmax has half of its 4 ULP to ' +
      'spare. (Of the whole of ln2, 1e-6 is 16,000 times as much or more: fault ln2-lo.)',
  },
  {
    id: 'unfused',
    what: 'the relaxed build multiplies and adds instead of asking for an FMA',
    file: 'assembly/tier.ts',
    find: 'return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);',
    replace: 'return f32x4.add(f32x4.mul(a, b), c);',
    proof:
      'The relaxed SIMD proposal lets an engine round a·b before the addition, and JavaScriptCore does: the bounds hold ' +
      'for both, and no bits are promised on this tier.',
  },
  {
    id: 'expanded-jvp',
    what: 'a·u − ⟨a,u⟩·a instead of a(u − ⟨a,u⟩)',
    file: 'assembly/ops/softmax-jvp.ts',
    find: 'return f32x4.mul(f32x4.mul(a, f32x4.sub(f32x4.sub(u, hi), lo)), invT);',
    replace:
      'const au = f32x4.mul(a, u); return f32x4.mul(f32x4.sub(f32x4.sub(au, f32x4.mul(hi, a)), f32x4.mul(lo, a)), invT);',
    proof:
      'a·u, ⟨a,u⟩·a as hi and lo, and two differences are each rounded once: at most ½ ULP of |a_i| (|u_i| + Σ |a_k u_k|) ' +
      'each, so 2½ ULP beside the error of ⟨a,u⟩ itself, where 6 are promised. Digits of a result that cancels are lost, ' +
      'and the contract promises none; a(u − ⟨a,u⟩) is kept because it is as fast and keeps them.',
  },
  {
    id: 'stretch-tile',
    what: 'stretches of 480 elements instead of 512',
    file: 'assembly/rows.ts',
    find: 'const STRETCH: u32 = 512;',
    replace: 'const STRETCH: u32 = 480;',
    proof:
      'How many e are summed before their sum joins that of the row, all in float64: 480 is a multiple of a block, too, ' +
      'and has its room in the columns. Rows are never cut from outside, so nothing has to agree with it.',
  },
  {
    id: 'span-stretch',
    what: 'stretches begin where the row does',
    file: 'assembly/rows.ts',
    find: 'end : min((at + STRETCH) & ~(STRETCH - 1), end);',
    replace: 'end : min(at + STRETCH, end);',
    proof:
      'The same sums in another order of float64 additions: the bits of a float32 result differ where it lies within some ' +
      '2^-52 of the middle between two, one row in 2^28. (Stretches end at the same columns all the same: bits are promised.)',
  },
];
