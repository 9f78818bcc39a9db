/** The modules of bench/peers that a page loads, by the names that bench/engines asks for. */
export const MODULES = {
  '@huggingface/transformers/src/utils/maths.js': () => import('@huggingface/transformers/src/utils/maths.js'),
  '@jax-js/jax': () => import('@jax-js/jax'),
  '@tensorflow/tfjs-backend-cpu': () => import('@tensorflow/tfjs-backend-cpu'),
  '@tensorflow/tfjs-backend-wasm': () => import('@tensorflow/tfjs-backend-wasm'),
  '@tensorflow/tfjs-core': () => import('@tensorflow/tfjs-core'),
  '@tensorflow/tfjs-core/dist/register_all_gradients.js': () =>
    import('@tensorflow/tfjs-core/dist/register_all_gradients.js'),
  'onnxruntime-web': () => import('onnxruntime-web/wasm'),
};
