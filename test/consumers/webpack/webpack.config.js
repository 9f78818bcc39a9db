export default {
  mode: 'production',
  entry: { main: './src/main.js', 'softmax-only': './src/softmax-only.js' },
};
