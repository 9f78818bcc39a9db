// With these the page is cross-origin isolated, and the pool's threads share memory.
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export default { server: { headers } };
