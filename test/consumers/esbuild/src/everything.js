export * from 'softmax-simd';
